import { expect, it } from 'vitest'
import { isSafeName } from './take-files.ts'
import { attachment } from './takes.http.ts'

it('names downloads in UTF-8, with a plain name beside, and nothing that breaks out of the header', () => {
  expect(attachment('縁側 "talk"/1\r\n.opus')).toBe(
    `attachment; filename="__ _talk__1__.opus"; filename*=UTF-8''%E7%B8%81%E5%81%B4%20_talk__1__.opus`,
  )
})

it.each([
  ['1-花.opus', true],
  ['speaker 2_b.opus', true],
  ['take.json', true],
  ['../x', false],
  ['a/b', false],
  ['a\\b', false],
  ['.hidden', false],
  ['a..b', false],
  ['x\0', false],
  ['', false],
  ['x'.repeat(200), false],
])('file name %j is safe: %s', (name, safe) => {
  expect(isSafeName(name)).toBe(safe)
})
