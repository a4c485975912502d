import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { TAKE_FORMAT_VERSION, TAKE_MANIFEST_NAME, takeManifestSchema } from '../../sfu-core/contract/take.ts'
import { hasOpenTakes } from './open-takes.ts'

const folder = () => mkdtempSync(path.join(tmpdir(), 'engawa-open-takes-'))

function put(takesFolder: string, takeId: string, endedAtMs: number | null): void {
  const manifest = takeManifestSchema.parse({
    version: TAKE_FORMAT_VERSION,
    takeId,
    roomId: 'room-1',
    roomTitle: 'Veranda',
    startedAtMs: 1,
    endedAtMs,
    endedBy: endedAtMs === null ? null : 'stopped',
    continues: null,
    participants: [],
    tracks: [],
    timeline: [],
  })
  const place = path.join(takesFolder, 'room-1', takeId)
  mkdirSync(place, { recursive: true })
  writeFileSync(path.join(place, TAKE_MANIFEST_NAME), JSON.stringify(manifest))
}

test('a take without an end is found among others', async () => {
  const takes = folder()
  put(takes, 'take-1', 5)
  expect(await hasOpenTakes(takes)).toBe(false)
  put(takes, 'take-2', null)
  expect(await hasOpenTakes(takes)).toBe(true)
})

test('no folder, stray files and takes that cannot be read are no reason to mend', async () => {
  const takes = folder()
  expect(await hasOpenTakes(path.join(takes, 'nowhere'))).toBe(false)
  writeFileSync(path.join(takes, 'note.txt'), 'hello')
  mkdirSync(path.join(takes, 'room-1', 'take-1'), { recursive: true })
  writeFileSync(path.join(takes, 'room-1', 'take-1', TAKE_MANIFEST_NAME), '{"endedAtMs":null')
  expect(await hasOpenTakes(takes)).toBe(false)
})
