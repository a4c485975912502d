import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { roomIdSchema, takeIdSchema } from '../contract/ids.ts'
import type { TakeManifest } from '../contract/take.ts'
import { markReported, unreportedTakes } from './reported-marks.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engawa-takes-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function put(takeId: string, patch: Partial<TakeManifest> = {}): Promise<TakeManifest> {
  const take: TakeManifest = {
    version: 1,
    takeId: takeIdSchema.parse(takeId),
    roomId: roomIdSchema.parse('room-1'),
    roomTitle: 'A room',
    startedAtMs: 1,
    endedAtMs: 2,
    endedBy: 'stopped',
    continues: null,
    participants: [],
    tracks: [],
    timeline: [],
    ...patch,
  }
  await mkdir(join(folder, 'room-1', takeId), { recursive: true })
  await writeFile(join(folder, 'room-1', takeId, 'take.json'), JSON.stringify(take))
  return take
}

async function found() {
  const unreadable: string[] = []
  const takes = await unreportedTakes(folder, (take) => unreadable.push(take))
  return { takes: takes.map((take) => take.takeId), unreadable }
}

test('R144: a take is found until it is marked', async () => {
  const take = await put('t1')
  expect(await found()).toEqual({ takes: ['t1'], unreadable: [] })
  await markReported(folder, take)
  expect(await found()).toEqual({ takes: [], unreadable: [] })
})

test('R144: running takes, empty folders and files beside them are passed over; what cannot be read is told', async () => {
  await put('running', { endedAtMs: null, endedBy: null })
  await put('good')
  await mkdir(join(folder, 'room-1', 'empty'))
  await writeFile(join(folder, 'stray.txt'), '')
  await mkdir(join(folder, 'room-1', 'broken'))
  await writeFile(join(folder, 'room-1', 'broken', 'take.json'), '{')
  expect(await found()).toEqual({ takes: ['good'], unreadable: [join(folder, 'room-1', 'broken')] })
})

test('R144: no takes folder yet', async () => {
  await rm(folder, { recursive: true })
  expect(await found()).toEqual({ takes: [], unreadable: [] })
  await mkdir(folder)
})
