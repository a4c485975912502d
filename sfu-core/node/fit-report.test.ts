import { expect, test } from 'vitest'
import { roomIdSchema, takeIdSchema } from '../contract/ids.ts'
import type { TakeEvent, TakeManifest } from '../contract/take.ts'
import { personId } from '../test/people.ts'
import { fitReport } from './fit-report.ts'
import { REPORT_MAX_BYTES } from './limits.ts'

function takeWith(types: TakeEvent['type'][]): TakeManifest {
  return {
    version: 1,
    takeId: takeIdSchema.parse('t1'),
    roomId: roomIdSchema.parse('room-1'),
    roomTitle: 'A room',
    startedAtMs: 1,
    endedAtMs: 2,
    endedBy: 'stopped',
    continues: null,
    participants: [],
    tracks: [],
    timeline: types.map((type, atMs) => ({ atMs, type, participantId: personId('ann') })),
  }
}

const repeat = (count: number, types: TakeEvent['type'][]) => Array.from({ length: count }, () => types).flat()
const bytes = (take: TakeManifest) => Buffer.byteLength(JSON.stringify(take))

test('R148: a take of usual length is reported as it is', () => {
  const take = takeWith(repeat(500, ['muted', 'unmuted']))
  expect(fitReport(take)).toBe(take)
})

test('R148: of a long timeline the mutes go first', () => {
  const take = takeWith(['joined', 'on-stage', ...repeat(20_000, ['muted', 'unmuted']), 'left'])
  expect(fitReport(take).timeline.map((event) => event.type)).toEqual(['joined', 'on-stage', 'left'])
})

test('R148: then the newest events, and no more than need be', () => {
  const report = fitReport(takeWith(repeat(20_000, ['on-stage', 'off-stage'])))
  expect(bytes(report)).toBeLessThanOrEqual(REPORT_MAX_BYTES)
  expect(bytes(report)).toBeGreaterThan(REPORT_MAX_BYTES - 200)
  expect(report.timeline[0]?.atMs).toBe(0)
})
