import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { en as accountEn } from '../account/locales/en.ts'
import { ja as accountJa } from '../account/locales/ja.ts'
import { en as devicesEn } from '../devices/locales/en.ts'
import { ja as devicesJa } from '../devices/locales/ja.ts'
import { en as roomsEn } from '../rooms/locales/en.ts'
import { ja as roomsJa } from '../rooms/locales/ja.ts'
import { en as stageEn } from '../stage/locales/en.ts'
import { ja as stageJa } from '../stage/locales/ja.ts'
import type { en as stripEn } from '../stage/locales/strip-en.ts'
import type { en as studioEn } from '../studio/locales/en.ts'
import type { en as unsentEn } from '../unsent/locales/en.ts'
import { en as appEn } from './locales/en.ts'
import { ja as appJa } from './locales/ja.ts'
import { en as reasonsEn } from './locales/reasons-en.ts'
import { ja as reasonsJa } from './locales/reasons-ja.ts'

/** Every word of the page, by language and feature; but for what a listener never sees (addWords). */
export const resources = {
  en: {
    app: appEn,
    reasons: reasonsEn,
    account: accountEn,
    rooms: roomsEn,
    devices: devicesEn,
    stage: stageEn,
  },
  ja: {
    app: appJa,
    reasons: reasonsJa,
    account: accountJa,
    rooms: roomsJa,
    devices: devicesJa,
    stage: stageJa,
  },
} as const

export type Language = keyof typeof resources
export const LANGUAGES: readonly { value: Language; label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'ja', label: '日本語' },
]

/** Words that come with the first screen that needs them. */
interface LazyWords {
  strip: typeof stripEn
  studio: typeof studioEn
  unsent: typeof unsentEn
}

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'app'
    resources: (typeof resources)['en'] & LazyWords
  }
}

/** The first language of `wanted` (BCP 47 tags) that Engawa speaks, else English. */
export function pickLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split('-')[0]
    const known = LANGUAGES.find((language) => language.value === primary)
    if (known) return known.value
  }
  return 'en'
}

/** Adds the words of screens that are loaded when they are first shown. Called where such a screen is loaded, so nothing is awaited. */
export function addWords(feature: keyof LazyWords, words: Readonly<Record<Language, object>>): void {
  for (const { value } of LANGUAGES) i18next.addResourceBundle(value, feature, words[value])
}

/** Sets up i18next. All words are in the bundle, so nothing is awaited. */
export function startI18n(language: Language): void {
  void i18next.use(initReactI18next).init({
    resources,
    lng: language,
    fallbackLng: 'en',
    defaultNS: 'app',
    initAsync: false,
    interpolation: { escapeValue: false },
    returnNull: false,
  })
  document.documentElement.lang = language
}

export function changeLanguage(language: Language): void {
  void i18next.changeLanguage(language)
  document.documentElement.lang = language
}
