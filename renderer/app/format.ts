import { useTranslation } from 'react-i18next'

/** Samples of 48 kHz (the Opus clock) to ms. */
const SAMPLES_PER_MS = 48

/** A length as 4:07 or 1:02:33. */
export function formatLength(lengthMs: number): string {
  const totalS = Math.max(0, Math.floor(lengthMs / 1_000))
  const hours = Math.floor(totalS / 3_600)
  const minutes = Math.floor(totalS / 60) % 60
  const seconds = String(totalS % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`
}

export function samplesToMs(samples: number): number {
  return samples / SAMPLES_PER_MS
}

/** A moment in the reader's language and time zone; today's without its date. */
export function formatMoment(atMs: number, nowMs: number, language: string): string {
  const at = new Date(atMs)
  const sameDay = at.toDateString() === new Date(nowMs).toDateString()
  return new Intl.DateTimeFormat(language, {
    ...(!sameDay && { dateStyle: 'medium' }),
    timeStyle: 'short',
  }).format(at)
}

/** The page's language as the reader's browser has it: "en-GB" writes dates unlike "en-US". */
export function localeOf(language: string, wanted: readonly string[]): string {
  return wanted.find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? language
}

/** formatMoment in the page's language, as of now. */
export function useMoment(): (atMs: number) => string {
  const { i18n } = useTranslation()
  const locale = localeOf(i18n.language, navigator.languages)
  return (atMs) => formatMoment(atMs, Date.now(), locale)
}
