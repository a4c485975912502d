import { expect, test } from 'vitest'
import { roomIdSchema, takeIdSchema } from '../contract/ids.ts'
import { NAME_MAX_CHARS } from '../contract/limits.ts'
import type { TakeEvent, TakeManifest, TakeTrack } from '../contract/take.ts'
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
const fitted = (take: TakeManifest): TakeManifest => {
  const report = fitReport(take)
  if (!report) throw new Error('nothing of it fits')
  return report
}
const somebody = (number: number) => ({
  participantId: personId(`${number}`.padEnd(64, 'x')),
  number,
  name: '\u0001'.repeat(NAME_MAX_CHARS),
  guest: true,
})
const trackOf = (number: number): TakeTrack => {
  const { participantId, name } = somebody(number)
  return {
    file: `${number}-speaker.opus`,
    participantId,
    number,
    name,
    offsetSamples: 0,
    lengthSamples: 1,
    sizeBytes: 1,
  }
}
const people = (count: number) => Array.from({ length: count }, (_, index) => somebody(index + 1))
const bytes = (take: TakeManifest) => Buffer.byteLength(JSON.stringify(take))

test('R148: a take of usual length is reported as it is', () => {
  const take = takeWith(repeat(500, ['muted', 'unmuted']))
  expect(fitReport(take)).toBe(take)
})

test('R148: of a long timeline the mutes go first', () => {
  const take = takeWith(['joined', 'on-stage', ...repeat(20_000, ['muted', 'unmuted']), 'left'])
  expect(fitReport(take)?.timeline.map((event) => event.type)).toEqual(['joined', 'on-stage', 'left'])
})

test('R148: then the newest events, and no more than need be', () => {
  const report = fitted(takeWith(repeat(20_000, ['on-stage', 'off-stage'])))
  expect(bytes(report)).toBeLessThanOrEqual(REPORT_MAX_BYTES)
  expect(bytes(report)).toBeGreaterThan(REPORT_MAX_BYTES - 200)
  expect(report.timeline[0]?.atMs).toBe(0)
})

test('R148: 2,000 people whom nothing but one event each names made a report that closed the line for ever', () => {
  const timeline = people(2_000).map(
    ({ participantId }, atMs): TakeEvent => ({ atMs, type: 'consented', participantId }),
  )
  const tracks = [trackOf(1_999), trackOf(2_000)]
  const report = fitted({ ...takeWith([]), participants: people(2_000), tracks, timeline })
  expect(bytes(report)).toBeLessThanOrEqual(REPORT_MAX_BYTES)
  expect(report.tracks).toEqual(tracks)
  expect(report.timeline.length).toBeGreaterThan(100)
  const named = new Set([...report.tracks, ...report.timeline].map((part) => part.participantId))
  expect(new Set(report.participants.map((person) => person.participantId))).toEqual(named)
})

test('R148: more tracks than fit: the oldest, and their people', () => {
  const participants = people(2_000)
  const report = fitted({
    ...takeWith(['joined']),
    participants,
    tracks: participants.map(({ number }) => trackOf(number)),
  })
  expect(bytes(report)).toBeLessThanOrEqual(REPORT_MAX_BYTES)
  expect(bytes(report)).toBeGreaterThan(REPORT_MAX_BYTES - 1_500)
  expect(report.tracks[0]?.number).toBe(1)
  expect(report.participants.map(({ number }) => number)).toEqual(report.tracks.map(({ number }) => number))
})

test('R148: one person who came again 2,000 times is named once', () => {
  const again = people(2_000).map((person) => ({ ...person, participantId: personId('ann') }))
  const report = fitted({ ...takeWith(['joined', 'left']), participants: again })
  expect(report.participants).toHaveLength(1)
  expect(report.timeline).toHaveLength(2)
})

test('R148: a take of which no report fits has none', () => {
  expect(fitReport({ ...takeWith([]), roomTitle: 'x'.repeat(REPORT_MAX_BYTES) })).toBeNull()
})
