import { describe, expect, it } from 'vitest'
import { fitTape, type TapeFit, tapeSampleToMs } from './tape-timeline.ts'
import { heavyTail, type SimulatedTape, simulateTape } from './timeline/simulated-tape.fixture.ts'

const TWO_HOURS_S = 7_200
/** A domestic connection: 20 ms, and a queue. */
const roundTripMs = (random: () => number) => 20 - Math.log(1 - random()) * 15
const BEGIN_MS = 12_345

function fitted(tape: SimulatedTape): { fit: TapeFit; worstMs(except?: readonly number[]): number } {
  const clocks = simulateTape(tape)
  const found = fitTape(clocks)
  if (!found) throw new Error('not fitted')
  /** The largest error anywhere but within 0.3 s of the places told. */
  const worstMs = (exceptS: readonly number[] = []) => {
    let worst = 0
    for (let sample = 0; sample < clocks.sampleCount; sample += 4_801) {
      const truthMs = clocks.truthMs(sample)
      const isNear = exceptS.some((atS) => Math.abs(truthMs - (tape.beginMs ?? 0) - atS * 1_000) < 300)
      if (!isNear) worst = Math.max(worst, Math.abs(tapeSampleToMs(found, sample) - truthMs))
    }
    return worst
  }
  return { fit: found, worstMs }
}

const THREE_STALLS = [
  { atS: 700.123, lengthS: 0.3, cause: 'stalled' },
  { atS: 3_000.4, lengthS: 3, cause: 'suspended' },
  { atS: 6_000.9, lengthS: 18, cause: 'overrun' },
] as const

describe('fitTape over two hours', () => {
  for (const [cardPpm, pagePpm] of [
    [200, -40],
    [-200, 40],
    [0, 0],
  ] as const) {
    it(`places every sample within 1 ms and three stalls within 5 ms at ${cardPpm} ppm`, () => {
      const stalls = THREE_STALLS
      const tape = {
        lengthS: TWO_HOURS_S,
        cardPpm,
        pagePpm,
        beginMs: BEGIN_MS,
        stalls,
        jitterMs: heavyTail,
        roundTripMs,
      }
      const { fit: found, worstMs } = fitted(tape)
      expect(worstMs()).toBeLessThan(1)
      expect(Math.abs(found.driftPpm - cardPpm)).toBeLessThan(0.5)
      expect(found.stalls.map((stall) => stall.cause)).toEqual(['stalled', 'suspended', 'overrun'])
      for (const [i, { atS, lengthS }] of stalls.entries()) {
        const stall = found.stalls[i]
        expect(Math.abs((stall?.fromMs ?? 0) - BEGIN_MS - atS * 1_000)).toBeLessThan(5)
        expect(Math.abs((stall?.toMs ?? 0) - (stall?.fromMs ?? 0) - lengthS * 1_000)).toBeLessThan(5)
      }
    })
  }

  it('places stalls within 20 ms without a note, where a timer tells the count', () => {
    const stalls = THREE_STALLS.map(({ atS, lengthS }) => ({ atS, lengthS }))
    const options = { cardPpm: 200, jitterMs: heavyTail, roundTripMs, marksBy: 'timer' } as const
    const { fit: found, worstMs } = fitted({ lengthS: TWO_HOURS_S, stalls, ...options })
    expect(found.stalls).toHaveLength(3)
    for (const [i, { atS, lengthS }] of stalls.entries()) {
      const { fromMs = 0, toMs = 0, cause } = found.stalls[i] ?? {}
      expect(cause).toBe('stalled')
      // The shortest ends before the timer has told twice: then half-way between two marks is all that is known.
      expect(Math.abs(fromMs - atS * 1_000)).toBeLessThan(lengthS < 0.5 ? 125 : 20)
      expect(Math.abs(toMs - fromMs - lengthS * 1_000)).toBeLessThan(20)
    }
    expect(worstMs(stalls.flatMap(({ atS, lengthS }) => [atS, atS + lengthS]))).toBeLessThan(2)
  })

  it('follows clocks whose rate changes on the way', () => {
    const clocks = simulateTape({ lengthS: TWO_HOURS_S, cardPpm: 50, jitterMs: heavyTail, roundTripMs: () => 4 })
    // NTP slews the page's clock by 200 ppm for ten minutes: both marks and syncs tell of it.
    const slewed = (pageMs: number) => pageMs + Math.max(0, Math.min(pageMs - 7_000_000, 600_000)) * 200e-6
    const found = fitTape({
      ...clocks,
      marks: clocks.marks.map(([sample, pageMs]) => [sample, slewed(pageMs)]),
      syncs: clocks.syncs.map((sync) => ({ ...sync, monotonicMs: slewed(sync.monotonicMs) })),
    })
    expect(found?.stalls).toEqual([])
    for (let sample = 0; found && sample < clocks.sampleCount; sample += 480_000) {
      expect(Math.abs(tapeSampleToMs(found, sample) - clocks.truthMs(sample))).toBeLessThan(5)
    }
  })
})

describe('stalls', () => {
  it('finds each of twenty, from 0.1 s on, without notes', () => {
    const stalls = Array.from({ length: 20 }, (_, i) => ({ atS: 20 + i * 28, lengthS: 0.1 + i * 0.01 }))
    const { fit: found } = fitted({ lengthS: 600, cardPpm: 100, jitterMs: (random) => random() * 10, stalls })
    const lengthsMs = found.stalls.map(({ fromMs, toMs }) => toMs - fromMs)
    expect(lengthsMs).toHaveLength(20)
    for (const [i, { lengthS }] of stalls.entries()) {
      expect(Math.abs((lengthsMs[i] ?? 0) - lengthS * 1_000)).toBeLessThan(20)
    }
  })

  it('finds one of minutes', () => {
    const { fit: found, worstMs } = fitted({
      lengthS: 1_200,
      cardPpm: -150,
      jitterMs: heavyTail,
      stalls: [{ atS: 300.7, lengthS: 240, cause: 'suspended' }],
    })
    expect(found.stalls).toMatchObject([{ cause: 'suspended' }])
    expect(worstMs()).toBeLessThan(2)
  })

  const late: [string, (atS: number, random: () => number) => number][] = [
    ['5 s that are made good at once', (atS) => (atS > 100 && atS < 105 ? (105 - atS) * 1_000 : 0)],
    ['50 s that are made good at once', (atS) => (atS > 100 && atS < 150 ? (150 - atS) * 1_000 : 0)],
    ['two minutes of a busy computer', (atS, random) => (atS > 100 && atS < 220 ? 90 + random() * 100 : 0)],
    ['a slow start', (atS) => (atS < 5 ? 500 - atS * 100 : 0)],
    ['a busy end', (atS) => (atS > 597 ? 300 : 0)],
  ]
  for (const [what, delayMs] of late) {
    it(`takes no delay for one: ${what}`, () => {
      const jitterMs = (random: () => number, atS: number) => delayMs(atS, random) + random() * 20
      const { fit: found, worstMs } = fitted({ lengthS: 600, cardPpm: 50, jitterMs })
      expect(found.stalls).toEqual([])
      expect(worstMs()).toBeLessThan(2)
    })
  }
})

describe('sleep', () => {
  const sleep = { atS: 500, lengthS: 300 }

  it('is found where the page clock stood still, and placed by the note', () => {
    const stalls = [{ ...sleep, cause: 'asleep' as const, stopsPageClock: true }]
    const { fit: found, worstMs } = fitted({ lengthS: 1_200, cardPpm: 100, jitterMs: heavyTail, stalls })
    expect(found.stalls).toMatchObject([{ cause: 'asleep' }])
    expect(Math.abs((found.stalls[0]?.fromMs ?? 0) - 500_000)).toBeLessThan(20)
    expect(worstMs()).toBeLessThan(2)
  })

  it('is found without a note, between the two syncs around it', () => {
    const stalls = [{ ...sleep, stopsPageClock: true }]
    const { fit: found } = fitted({ lengthS: 1_200, jitterMs: heavyTail, stalls })
    const [{ fromMs = 0, toMs = 0, cause } = {}] = found.stalls
    expect(cause).toBe('asleep')
    expect(Math.abs(fromMs - 500_000)).toBeLessThan(10_000)
    expect(Math.abs(toMs - fromMs - 300_000)).toBeLessThan(20)
  })

  it('is found where the page clock went on', () => {
    const { fit: found, worstMs } = fitted({
      lengthS: 1_200,
      jitterMs: heavyTail,
      stalls: [{ ...sleep, cause: 'asleep' }],
    })
    expect(found.stalls).toMatchObject([{ cause: 'asleep' }])
    expect(worstMs()).toBeLessThan(2)
  })
})

describe('samples that need no correction', () => {
  for (const lengthS of [1, 5, 20, 60, 300, TWO_HOURS_S]) {
    it(`stay exact over ${lengthS} s`, () => {
      for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
        const { fit: found } = fitted({ lengthS, jitterMs: heavyTail, roundTripMs, seed })
        expect(found.pieces).toMatchObject([{ firstSample: 0, isExact: true }])
        expect(found.driftPpm).toBe(0)
      }
    })
  }

  it('do not where the drift would show', () => {
    for (const cardPpm of [-20, 20]) {
      const { fit: found, worstMs } = fitted({ lengthS: 600, cardPpm, jitterMs: heavyTail, roundTripMs })
      expect(found.pieces).toMatchObject([{ isExact: false }])
      expect(worstMs()).toBeLessThan(2)
    }
  })
})

describe('clocks that tell little or nonsense', () => {
  it('gives null without a mark or without a sync', () => {
    const clocks = simulateTape({ lengthS: 10 })
    expect(fitTape({ ...clocks, marks: [] })).toBeNull()
    expect(fitTape({ ...clocks, syncs: [] })).toBeNull()
  })

  it('places a tape by one mark and one sync', () => {
    const found = fitTape({
      marks: [[48_000, 6_000]],
      syncs: [{ monotonicMs: 5_500, takeMs: 700, roundTripMs: 10 }],
      notes: [],
      sampleCount: 60_000,
    })
    expect(found).toMatchObject({ pieces: [{ isExact: true }], stalls: [], clockErrorMs: 5 })
    expect(found && tapeSampleToMs(found, 0)).toBeCloseTo(200, 6)
  })

  it('is not moved by answers that cannot be true', () => {
    const clocks = simulateTape({ lengthS: 600, jitterMs: heavyTail, roundTripMs })
    const syncs = clocks.syncs.map((sync, i) => {
      if (i % 10 === 3) return { ...sync, takeMs: sync.takeMs + 9_000 }
      if (i % 10 === 7) return { ...sync, takeMs: sync.takeMs - 700 }
      return sync
    })
    const found = fitTape({ ...clocks, syncs })
    expect(found?.stalls).toEqual([])
    expect(Math.abs((found ? tapeSampleToMs(found, 24e6) : 0) - clocks.truthMs(24e6))).toBeLessThan(2)
  })

  it('bears numbers that are none, marks out of order and absurd lengths', () => {
    const clocks = simulateTape({ lengthS: 60 })
    const found = fitTape({
      marks: [...clocks.marks.toReversed(), [Number.NaN, 3], [5, Number.POSITIVE_INFINITY]],
      syncs: [...clocks.syncs, { monotonicMs: Number.NaN, takeMs: 1, roundTripMs: 1 }],
      notes: [{ sample: 10 ** 15, cause: 'stalled' }],
      sampleCount: 10 ** 15,
    })
    expect(found?.stalls).toEqual([])
    expect(Math.abs((found ? tapeSampleToMs(found, 48_000) : 0) - clocks.truthMs(48_000))).toBeLessThan(2)
  })

  it('resamples nothing by clocks that no sound card has', () => {
    for (const factor of [-1, 0, 0.5, 3, 1e9]) {
      const clocks = simulateTape({ lengthS: 120 })
      const marks = clocks.marks.map(([sample, pageMs]): [number, number] => [sample, 5e6 + (pageMs - 5e6) * factor])
      const found = fitTape({ ...clocks, marks })
      for (const { knots } of found?.pieces ?? []) {
        for (const [i, [sample, ms]] of knots.slice(1).entries()) {
          const [fromSample, fromMs] = knots[i] ?? [0, 0]
          expect(Math.abs(((ms - fromMs) * 48) / (sample - fromSample) - 1)).toBeLessThan(0.02)
        }
      }
    }
  })

  it('goes on over chunks that are missing', () => {
    const clocks = simulateTape({ lengthS: 600, cardPpm: 120, jitterMs: heavyTail, stalls: [{ atS: 302, lengthS: 2 }] })
    const marks = clocks.marks.filter(([sample]) => sample < 14_000_000 || sample > 15_000_000)
    const found = fitTape({ ...clocks, marks })
    expect(found?.stalls).toHaveLength(1)
    for (const sample of [1_000_000, 13_900_000, 15_100_000, 28_000_000]) {
      expect(Math.abs((found ? tapeSampleToMs(found, sample) : 0) - clocks.truthMs(sample))).toBeLessThan(2)
    }
  })
})
