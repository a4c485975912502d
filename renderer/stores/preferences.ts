import { create } from 'zustand'
import { changeLanguage, LANGUAGES, type Language, pickLanguage } from '../app/i18n.ts'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const LANGUAGE_KEY = 'engawa.language'
const THEME_KEY = 'engawa.theme'

interface PreferencesStore {
  language: Language
  theme: Theme
  /** The name a guest last went by, so that it need not be typed again. */
  guestName: string
  setLanguage: (language: Language) => void
  setTheme: (theme: Theme) => void
  setGuestName: (name: string) => void
}

const GUEST_NAME_KEY = 'engawa.guest-name'

function storedLanguage(): Language {
  const stored = localStorage.getItem(LANGUAGE_KEY)
  return LANGUAGES.find(({ value }) => value === stored)?.value ?? pickLanguage(navigator.languages)
}

function storedTheme(): Theme {
  const stored = localStorage.getItem(THEME_KEY)
  return THEMES.find((theme) => theme === stored) ?? 'system'
}

/** tokens.css reads `data-theme`; without it the system decides. */
export function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

/** What this browser is set to. */
export const usePreferences = create<PreferencesStore>((set) => ({
  language: storedLanguage(),
  theme: storedTheme(),
  guestName: localStorage.getItem(GUEST_NAME_KEY) ?? '',
  setLanguage: (language) => {
    localStorage.setItem(LANGUAGE_KEY, language)
    changeLanguage(language)
    set({ language })
  },
  setTheme: (theme) => {
    localStorage.setItem(THEME_KEY, theme)
    showTheme(theme)
    set({ theme })
  },
  setGuestName: (guestName) => {
    localStorage.setItem(GUEST_NAME_KEY, guestName)
    set({ guestName })
  },
}))
