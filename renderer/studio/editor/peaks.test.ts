import { describe, expect, it } from 'vitest'
import { columnsOf, overviewOf, PEAK_PAIR_MS, peaksOf } from './peaks.ts'

/** Three hours, silent but for one loud pair. */
const LONG_PAIRS = (3 * 3_600_000) / PEAK_PAIR_MS
const LOUD_PAIR = 123_457

function longPeaks() {
  const pairs = new Int8Array(LONG_PAIRS * 2)
  pairs[LOUD_PAIR * 2] = -100
  pairs[LOUD_PAIR * 2 + 1] = 90
  return peaksOf(pairs.buffer)
}

describe('peaks', () => {
  it('loses no peak at any level of detail', () => {
    for (const level of longPeaks()) {
      expect(Math.max(...level.pairs.subarray(0, 20_000), ...tail(level.pairs))).toBe(90)
    }
  })

  it('draws the same moment at the same place, near and far', () => {
    const peaks = longPeaks()
    const atMs = LOUD_PAIR * PEAK_PAIR_MS
    for (const columnMs of [2, 20, 500, 10_800]) {
      const count = 100
      const columns = columnsOf(peaks, { startMs: atMs - 50 * columnMs, columnMs, count })
      const loudest = columns.indexOf(90)
      expect(Math.abs(Math.floor(loudest / 2) - 50), `${columnMs} ms`).toBeLessThanOrEqual(columnMs < 20 ? 10 : 4)
    }
  })

  it('looks at few pairs for a whole long take', () => {
    const coarsest = longPeaks().at(-1)
    expect((coarsest?.pairs.length ?? 0) / 2).toBeLessThanOrEqual(4_096)
  })

  it('has silence before the beginning and past the end', () => {
    const short = peaksOf(Int8Array.of(-5, 5, -5, 5).buffer)
    expect([...columnsOf(short, { startMs: -40, columnMs: 20, count: 6 })]).toEqual([
      0, 0, 0, 0, -5, 5, -5, 5, 0, 0, 0, 0,
    ])
  })

  it('takes a file that ends in the middle of a pair', () => {
    expect(peaksOf(Int8Array.of(-5, 5, -9).buffer)[0]?.pairs.length).toBe(2)
  })

  it('sums up all speakers for the overview', () => {
    const quiet = peaksOf(Int8Array.of(-10, 10, 0, 0).buffer)
    const loud = peaksOf(Int8Array.of(0, 0, -127, 3).buffer)
    const [first = 0, second = 0] = overviewOf([quiet, loud], 40, 2)
    expect(first).toBeCloseTo(10 / 127)
    expect(second).toBe(1)
  })
})

function tail(pairs: Int8Array): number[] {
  return pairs.length > 20_000 ? [pairs.reduce((max, value) => Math.max(max, value), 0)] : []
}
