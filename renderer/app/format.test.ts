import { describe, expect, it } from 'vitest'
import { formatLength, formatMoment, localeOf, samplesToMs } from './format.ts'

describe('formatLength', () => {
  it.each([
    [0, '0:00'],
    [999, '0:00'],
    [61_000, '1:01'],
    [3_599_999, '59:59'],
    [3_600_000, '1:00:00'],
    [37_230_000, '10:20:30'],
    [-5, '0:00'],
  ])('of %d ms is %s', (lengthMs, text) => {
    expect(formatLength(lengthMs)).toBe(text)
  })
})

describe('samplesToMs', () => {
  it('counts at 48 kHz', () => expect(samplesToMs(48_000)).toBe(1_000))
})

describe('localeOf', () => {
  it.each([
    ['en', ['ja-JP', 'en-GB', 'en-US'], 'en-GB'],
    ['ja', ['en-GB'], 'ja'],
    ['en', ['enx'], 'en'],
  ])('of %s with %j is %s', (language, wanted, locale) => {
    expect(localeOf(language, wanted)).toBe(locale)
  })
})

describe('formatMoment', () => {
  const now = new Date(2026, 10, 20, 18, 0).getTime()

  it('leaves out the date of today', () => {
    expect(formatMoment(new Date(2026, 10, 20, 9, 5).getTime(), now, 'ja')).toBe('9:05')
  })

  it('has the date of other days', () => {
    expect(formatMoment(new Date(2026, 10, 19, 9, 5).getTime(), now, 'ja')).toBe('2026/11/19 9:05')
  })
})
