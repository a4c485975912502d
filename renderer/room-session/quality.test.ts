import { describe, expect, it } from 'vitest'
import type { PeerStats } from './ports.ts'
import { gradeOf, sampleBetween } from './quality.ts'

const FINE = { lossIn: 0, lossOut: 0, jitterMs: 5, roundTripMs: 40 }

function stats(packetsReceived: number, packetsLost: number, change: Partial<PeerStats> = {}): PeerStats {
  return {
    slots: [{ packetsReceived, packetsLost, jitterMs: 8, level: 0 }],
    microphoneLevel: null,
    uplinkFractionLost: null,
    roundTripMs: 30,
    ...change,
  }
}

describe('connection in words', () => {
  it.each([
    [FINE, { grade: 'good' }],
    [
      { ...FINE, lossIn: 0.05 },
      { grade: 'fair', trouble: 'loss-in' },
    ],
    [
      { ...FINE, lossOut: 0.2 },
      { grade: 'poor', trouble: 'loss-out' },
    ],
    [
      { ...FINE, jitterMs: 60 },
      { grade: 'fair', trouble: 'jitter' },
    ],
    [
      { ...FINE, lossIn: 0.05, roundTripMs: 700 },
      { grade: 'poor', trouble: 'delay' },
    ],
  ])('%j → %j', (sample, quality) => {
    expect(gradeOf(sample)).toEqual(quality)
  })

  it('counts only the stretch between two looks', () => {
    expect(sampleBetween(stats(1_000, 500), stats(1_090, 510))?.lossIn).toBeCloseTo(0.1)
  })

  it('counts only the sections that get packets: a voice that came by another before says nothing of now', () => {
    const of = (...slots: [number, number, number][]) =>
      stats(0, 0, {
        slots: slots.map(([packetsReceived, packetsLost, jitterMs]) => ({
          packetsReceived,
          packetsLost,
          jitterMs,
          level: 0,
        })),
      })
    const before = of([500, 100, 90], [0, 0, 0], [0, 0, 0], [100, 0, 5])
    const after = of([500, 130, 90], [0, 0, 0], [0, 0, 0], [133, 0, 5])
    expect(sampleBetween(before, after)).toMatchObject({ lossIn: 0, jitterMs: 5 })
  })

  it('does not count a late packet as a gain', () => {
    expect(sampleBetween(stats(1_000, 10), stats(1_100, 8))?.lossIn).toBe(0)
  })

  it('knows nothing where nothing was heard and no path was measured', () => {
    expect(sampleBetween(stats(10, 0), stats(10, 0, { roundTripMs: null }))).toBeNull()
  })
})
