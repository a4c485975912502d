import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { findTakeFolder } from './take-folder.ts'

function takes() {
  const folder = mkdtempSync(path.join(tmpdir(), 'engawa-takes-'))
  mkdirSync(path.join(folder, 'room1', 'take1'), { recursive: true })
  writeFileSync(path.join(folder, 'room1', 'take1', 'take.json'), '{}')
  return folder
}

test('a take is found by its id in whichever room', async () => {
  const folder = takes()
  expect(await findTakeFolder(folder, 'take1')).toBe(path.join(folder, 'room1', 'take1'))
  expect(await findTakeFolder(folder, 'take2')).toBeNull()
  expect(await findTakeFolder('/nowhere', 'take1')).toBeNull()
})

test.each(['../room1/take1', '..', '.', '', 'a/b', 'a\\b', 7, null, undefined, {}, 'x'.repeat(65)])(
  'the id %j is refused',
  async (takeId) => {
    expect(await findTakeFolder(takes(), takeId)).toBeNull()
  },
)

test('a link that leads out of the folder of takes is not followed', async () => {
  const folder = takes()
  const outside = takes()
  symlinkSync(path.join(outside, 'room1', 'take1'), path.join(folder, 'room1', 'take9'))
  expect(await findTakeFolder(folder, 'take9')).toBeNull()
})
