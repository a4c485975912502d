import { describe, expect, it } from 'vitest'
import { participantIdSchema, roomIdSchema, takeIdSchema, tapeIdSchema } from '../../sfu-core/contract/ids.ts'
import { TAPE_BEHIND_MS } from '../../sfu-core/contract/limits.ts'
import { standingOf, type TapeFacts } from './standing.ts'
import { NO_PROGRESS, type TapeProgress } from './tape-progress.ts'
import type { TapeRecord } from './tape-record.ts'

const NOW_MS = 1_000_000
const SECOND = 48_000
const ana = { participantId: 'ana', name: 'Ana', sinceMs: NOW_MS - 60_000 }

/** Sample 0 lies at 10 s of the take's clock. */
function progress(safeS: number, change: Partial<TapeProgress> = {}): TapeProgress {
  return {
    ...NO_PROGRESS,
    contiguousChunks: safeS / 4,
    safeSamples: safeS * SECOND,
    capturedSamples: safeS * SECOND,
    lastMark: safeS === 0 ? null : [safeS * SECOND, 500 + safeS * 1_000],
    syncs: [{ monotonicMs: 500, takeMs: 10_000, roundTripMs: 3 }],
    ...change,
  }
}

function tape(change: Partial<TapeRecord> = {}, later: TapeFacts['later'] = []): TapeFacts {
  const record: TapeRecord = {
    tapeId: tapeIdSchema.parse('tape'),
    roomId: roomIdSchema.parse('room'),
    takeId: takeIdSchema.parse('take'),
    participantId: participantIdSchema.parse('ana'),
    owner: 'ana',
    name: 'Ana',
    source: 'processed',
    channels: 1,
    deviceLabel: '',
    openedAtMs: NOW_MS - 60_000,
    declared: null,
    chunkCount: 0,
    sizeBytes: 0,
    progress: NO_PROGRESS,
    newsAtMs: NOW_MS - 1_000,
    ...change,
  }
  return { tape: record, later }
}

const declared = (seconds: number) => ({ end: 'left' as const, chunkCount: seconds / 4, sampleCount: seconds * SECOND })
const standing = (facts: TapeFacts[], who = ana) => standingOf(who, facts, NOW_MS)

describe('a speaker', () => {
  it('of whom nothing has come yet is waited for, then absent', () => {
    expect(standing([], { ...ana, sinceMs: NOW_MS - 1_000 })).toMatchObject({ state: 'waiting', safeToMs: 0 })
    expect(standing([])).toMatchObject({ state: 'absent', gapCount: 0 })
    expect(standing([tape()])).toMatchObject({ state: 'waiting', safeToMs: 0, capturedToMs: 0 })
  })

  it('is safe up to the last chunk, on the take`s clock', () => {
    const captured = { capturedSamples: 47 * SECOND }
    expect(standing([tape({ progress: progress(40, captured) })])).toEqual({
      participantId: 'ana',
      name: 'Ana',
      state: 'safe',
      safeToMs: 50_000,
      capturedToMs: 57_000,
      gapCount: 0,
      gapMs: 0,
    })
  })

  it('is behind by own words, or when silent', () => {
    const captured = { capturedSamples: 40 * SECOND + 49 * TAPE_BEHIND_MS }
    expect(standing([tape({ progress: progress(40, captured) })])).toMatchObject({ state: 'behind' })
    const silent = tape({ progress: progress(40), newsAtMs: NOW_MS - TAPE_BEHIND_MS - 1 })
    expect(standing([silent])).toMatchObject({ state: 'behind' })
    expect(standing([tape({ newsAtMs: NOW_MS - TAPE_BEHIND_MS - 1 })])).toMatchObject({ state: 'behind' })
  })

  it('has ended when all that was declared is here', () => {
    expect(standing([tape({ progress: progress(40), declared: declared(40) })])).toMatchObject({ state: 'ended' })
    const rest = standing([tape({ progress: progress(40), declared: declared(44) })])
    expect(rest).toMatchObject({ state: 'safe', safeToMs: 50_000, capturedToMs: 54_000, gapCount: 0 })
  })

  it('has a gap for each hole and each stall', () => {
    const later = [12, 13, 15].map((index) => ({ index, firstSample: index * 4 * SECOND, sampleCount: 4 * SECOND }))
    const stalls = { ...NO_PROGRESS.stalls, stallCount: 2, stallMs: 3_300 }
    const facts = tape({ chunkCount: 13, progress: progress(40, { stalls }) }, later)
    expect(standing([facts])).toMatchObject({ gapCount: 4, gapMs: 3_300 + 8_000 + 4_000 })
  })

  it('with several tapes is safe up to where the last one is; what is missing of earlier ones is a gap', () => {
    const early = tape({ progress: progress(8, { capturedSamples: 12 * SECOND }) })
    const last = tape({ progress: progress(40) })
    expect(standing([early, last])).toMatchObject({ state: 'safe', safeToMs: 50_000, gapCount: 1, gapMs: 4_000 })
    const ended = tape({ progress: progress(40), declared: declared(40) })
    expect(standing([early, ended])).toMatchObject({ state: 'behind' })
    const done = tape({ progress: progress(12), declared: declared(12) })
    expect(standing([done, ended])).toMatchObject({ state: 'ended', gapCount: 0 })
  })

  it('with two sources is as safe as the worse one', () => {
    const raw = tape({ source: 'unprocessed', progress: progress(36) })
    expect(standing([tape({ progress: progress(40) }), raw])).toMatchObject({ safeToMs: 46_000, capturedToMs: 50_000 })
  })
})
