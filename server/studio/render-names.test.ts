import { expect, it } from 'vitest'
import { isSafeName } from '../takes/take-files.ts'
import { contentTypeOf, renderName } from './render-names.ts'

it.each([
  ['縁側 / talk', '縁側 talk.mp3'],
  ['../../keys', 'keys.mp3'],
  ['...', 'Engawa.mp3'],
  ['', 'Engawa.mp3'],
  ['a'.repeat(300), `${'a'.repeat(80)}.mp3`],
  ['CON: "x" <y>|z?*', 'CON x y z.mp3'],
  ['-dash first', 'dash first.mp3'],
  ['👋 hello\r\n', 'hello.mp3'],
])('the title %j becomes the file %j', (title, name) => {
  expect(renderName(title, 'mp3')).toBe(name)
  expect(isSafeName(name)).toBe(true)
})

it('content types follow the endings', () => {
  expect(contentTypeOf(renderName('x', 'aac'))).toBe('audio/mp4')
  expect(contentTypeOf(renderName('x', 'opus'))).toBe('audio/ogg')
  expect(contentTypeOf('1-Ana.peaks')).toBe('application/octet-stream')
  expect(contentTypeOf('page.html')).toBe('application/octet-stream')
})
