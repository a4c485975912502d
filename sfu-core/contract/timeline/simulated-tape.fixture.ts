import type { CaptureMark, CaptureNote, ClockSync } from '../tape.ts'
import type { TapeClockData } from '../tape-timeline.ts'

/** A sound card, a page and a network that behave as told: what a tape's clocks say of them, and the truth. */

export interface SimulatedStall {
  /** After the tape's begin, in true time. */
  atS: number
  lengthS: number
  /** The capturing side told of it. */
  cause?: CaptureNote['cause']
  /** The page's clock stood still meanwhile. */
  stopsPageClock?: boolean
}

export interface SimulatedTape {
  lengthS: number
  /** Sound card against true time. */
  cardPpm?: number
  /** Page's clock against true time; the take's clock is the truth. */
  pagePpm?: number
  /** On the take's clock. */
  beginMs?: number
  stalls?: readonly SimulatedStall[]
  /** How late a mark comes, in ms. */
  jitterMs?: (random: () => number, atS: number) => number
  roundTripMs?: (random: () => number) => number
  /** Marks by a timer, which tells the same count again while the card stands still, or with the sound. */
  marksBy?: 'sound' | 'timer'
  /** Counts are multiples of it. */
  quantumSamples?: number
  seed?: number
}

export interface SimulatedClocks extends TapeClockData {
  /** The moment of the take's clock at which a sample was captured. */
  truthMs(sample: number): number
}

const RATE_HZ = 48_000
const MARK_INTERVAL_S = 0.25
const SYNC_INTERVAL_S = 10

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** 5 to 80 ms mostly; one in a hundred far beyond. */
export function heavyTail(random: () => number): number {
  const usual = -Math.log(1 - random()) * 20
  return random() < 0.01 ? usual + random() * 400 : usual
}

export function simulateTape(tape: SimulatedTape): SimulatedClocks {
  const random = seededRandom(tape.seed ?? 1)
  const { beginMs = 0, marksBy = 'sound', quantumSamples = 128 } = tape
  const stalls = tape.stalls ?? []
  const rate = RATE_HZ * (1 + (tape.cardPpm ?? 0) / 1e6)
  const stoodS = (atS: number) =>
    stalls.reduce((sum, stall) => sum + Math.max(0, Math.min(atS - stall.atS, stall.lengthS)), 0)
  const countAt = (atS: number) => Math.max(0, (atS - stoodS(atS)) * rate)
  const sampleAtS = (sample: number) => {
    let atS = sample / rate
    for (const stall of stalls) if (atS >= stall.atS) atS += stall.lengthS
    return atS
  }
  const pageMs = (atS: number) => {
    const slept = stalls.reduce(
      (sum, stall) => sum + (stall.stopsPageClock ? Math.max(0, Math.min(atS - stall.atS, stall.lengthS)) : 0),
      0,
    )
    return 5_000_000 + (atS - slept) * 1_000 * (1 + (tape.pagePpm ?? 0) / 1e6)
  }
  const jitter = tape.jitterMs ?? (() => 0)
  const marks: CaptureMark[] = []
  const sampleCount = Math.floor(countAt(tape.lengthS))
  const mark = (sample: number, atS: number) => {
    const whole = Math.floor(sample / quantumSamples) * quantumSamples
    const tenth = Math.round(pageMs(atS + jitter(random, atS) / 1_000) * 10) / 10
    marks.push([whole, tenth])
  }
  if (marksBy === 'sound') {
    for (let n = 1; n * MARK_INTERVAL_S * RATE_HZ <= sampleCount; n++) {
      const sample = Math.floor((n * MARK_INTERVAL_S * RATE_HZ) / quantumSamples) * quantumSamples
      mark(sample, sampleAtS(sample))
    }
  } else {
    for (let atS = MARK_INTERVAL_S; atS <= tape.lengthS; atS += MARK_INTERVAL_S) mark(countAt(atS), atS)
  }
  const roundTrip = tape.roundTripMs ?? (() => 2)
  const syncs: ClockSync[] = []
  for (let atS = 0; atS <= tape.lengthS; atS += SYNC_INTERVAL_S) {
    if (stalls.some((stall) => stall.stopsPageClock && atS >= stall.atS && atS < stall.atS + stall.lengthS)) continue
    const [there, back] = [roundTrip(random) / 2, roundTrip(random) / 2]
    const monotonicMs = (pageMs(atS) + pageMs(atS + (there + back) / 1_000)) / 2
    syncs.push({ monotonicMs, takeMs: beginMs + atS * 1_000 + there, roundTripMs: there + back })
  }
  const notes = stalls.flatMap(({ atS, cause }): CaptureNote[] =>
    cause ? [{ sample: Math.ceil(countAt(atS)), cause }] : [],
  )
  return { marks, syncs, notes, sampleCount, truthMs: (sample) => beginMs + sampleAtS(sample) * 1_000 }
}
