import { describe, expect, it } from 'vitest'
import { type AssemblySituation, assemblyDueInMs } from './assembly-due.ts'
import { LATE_CHUNKS_QUIET_MS, TAPES_QUIET_MS } from './studio-limits.ts'

const ENDED_MS = 1_000_000
const TAPES = { tapeCount: 2, isComplete: true, chunkCount: 10, hereCount: 10, newsAtMs: ENDED_MS + 500 }
const DONE = { state: 'done', chunkCount: 10, endedAtMs: ENDED_MS + 2_000 } as const

function due(change: Partial<AssemblySituation>): number | null {
  return assemblyDueInMs({
    endedAtMs: ENDED_MS,
    hasTracks: true,
    tapes: TAPES,
    last: null,
    nowMs: ENDED_MS + 1_000,
    ...change,
  })
}

describe('a take is assembled', () => {
  it('at once when all tapes are here, or where there are none', () => {
    expect(due({})).toBe(0)
    expect(due({ tapes: { ...TAPES, tapeCount: 0, chunkCount: 0, hereCount: 0, newsAtMs: null } })).toBe(0)
  })

  it('not while it runs, while its tracks are being sent, or when chunks went to the host’s computer', () => {
    expect(due({ endedAtMs: null })).toBeNull()
    expect(due({ hasTracks: false })).toBeNull()
    expect(due({ tapes: { ...TAPES, hereCount: 9 } })).toBeNull()
  })

  it('after two quiet minutes where a tape does not end', () => {
    const tapes = { ...TAPES, isComplete: false }
    expect(due({ tapes })).toBe(TAPES_QUIET_MS - 500)
    expect(due({ tapes, nowMs: ENDED_MS + 500 + TAPES_QUIET_MS })).toBe(0)
    // The last chunk was long ago, the end of the take is not.
    expect(due({ tapes: { ...tapes, newsAtMs: 5 } })).toBe(TAPES_QUIET_MS - 1_000)
    // The clock was set back.
    expect(due({ tapes, nowMs: 0 })).toBe(TAPES_QUIET_MS)
  })

  it('once, and again when chunks came late', () => {
    expect(due({ last: DONE })).toBeNull()
    const tapes = { ...TAPES, chunkCount: 11, hereCount: 11, newsAtMs: ENDED_MS + 9_000 }
    expect(due({ last: DONE, tapes, nowMs: ENDED_MS + 9_000 })).toBe(0)
    expect(due({ last: DONE, tapes: { ...tapes, isComplete: false }, nowMs: ENDED_MS + 9_000 })).toBe(
      LATE_CHUNKS_QUIET_MS,
    )
  })

  it('not twice at a time', () => {
    for (const state of ['waiting', 'running'] as const) {
      expect(due({ last: { state, chunkCount: null, endedAtMs: null } })).toBeNull()
    }
  })

  it('again after a failure only when there is more to work with', () => {
    for (const state of ['failed', 'cancelled'] as const) {
      const last = { state, chunkCount: null, endedAtMs: ENDED_MS + 2_000 }
      expect(due({ last })).toBeNull()
      expect(due({ last, tapes: { ...TAPES, newsAtMs: ENDED_MS + 2_001 } })).toBe(0)
    }
  })
})
