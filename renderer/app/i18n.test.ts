import { describe, expect, it } from 'vitest'
import { REASON_CODES } from '../../sfu-core/contract/reasons.ts'
import { en as stripEn } from '../stage/locales/strip-en.ts'
import { ja as stripJa } from '../stage/locales/strip-ja.ts'
import { en as studioEn } from '../studio/locales/en.ts'
import { ja as studioJa } from '../studio/locales/ja.ts'
import { en as unsentEn } from '../unsent/locales/en.ts'
import { ja as unsentJa } from '../unsent/locales/ja.ts'
import { pickLanguage, resources } from './i18n.ts'

type Words = { readonly [key: string]: string | Words }

function flatten(words: Words, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>()
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === 'string') flat.set(prefix + key, value)
    else for (const [path, text] of flatten(value, `${prefix}${key}.`)) flat.set(path, text)
  }
  return flat
}

const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort()

describe('locales', () => {
  const english = flatten({ ...resources.en, studio: studioEn, strip: stripEn, unsent: unsentEn })
  const japanese = flatten({ ...resources.ja, studio: studioJa, strip: stripJa, unsent: unsentJa })

  it('has the same keys in both languages', () => {
    expect([...japanese.keys()].sort()).toEqual([...english.keys()].sort())
  })

  it('leaves no text empty', () => {
    const empty = [...english, ...japanese].filter(([, text]) => text.trim() === '').map(([key]) => key)
    expect(empty).toEqual([])
  })

  it('fills the same placeholders in both languages', () => {
    const different = [...english.keys()].filter(
      (key) => String(placeholders(english.get(key) ?? '')) !== String(placeholders(japanese.get(key) ?? '')),
    )
    expect(different).toEqual([])
  })

  it('has a sentence and a way out for every reason code', () => {
    for (const code of REASON_CODES) {
      expect(resources.en.reasons[code].title, code).not.toBe('')
      expect(resources.en.reasons[code].help, code).not.toBe('')
    }
  })

  it('has no sentence for a reason that does not exist', () => {
    expect(Object.keys(resources.en.reasons).sort()).toEqual([...REASON_CODES, 'offline'].sort())
  })
})

describe('pickLanguage', () => {
  it.each([
    [['ja-JP', 'en'], 'ja'],
    [['de', 'ja'], 'ja'],
    [['en-GB'], 'en'],
    [['fr'], 'en'],
    [[], 'en'],
  ])('of %j picks %s', (wanted, language) => {
    expect(pickLanguage(wanted)).toBe(language)
  })
})
