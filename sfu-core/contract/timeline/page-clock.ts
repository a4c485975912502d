import type { ClockSync } from '../tape.ts'
import { fitCurve, type Knots, median, type WeightedPoint } from './lines.ts'

/** The page's clock against the take's. */

/** A stretch of the page's clock in which it never stood still. */
export interface PageClockRun {
  /** The syncs it is made of: on the page's clock, in ms. */
  fromMs: number
  toMs: number
  /** Page's clock to take's clock, both in ms. */
  knots: Knots
  /** Uncertainty of the rate, as a part of 1. */
  slopeSigma: number
  /** Half of the quickest round trip: how far off all of it may be, in ms. */
  errorMs: number
}

/** Two computers' clocks: crystals are within 100 ppm, and NTP slews by up to 500 for a while (adjtimex(2)). */
const RATE_MAX = 600e-6
const RATE_SIGMA = 100e-6
/** What two answers may disagree by besides their round trips: stamps are rounded (Firefox: 1 ms). */
const STAMP_SLACK_MS = 3
/** A single last answer that does not fit is a sleep if the clock moved by this much, else of no account. */
const LAST_JUMP_MIN_MS = 100
/** Even the quickest answers scatter by this much. */
const STAMP_SIGMA_MS = 0.25
const CURVE = {
  priorSlopeSigma: RATE_SIGMA,
  bendSlopeSigma: RATE_SIGMA,
  halfWidth: 300_000,
  knotDistance: 60_000,
  minWander: 1,
} as const

/**
 * The page's clock, as a chain per stretch in which it went on. Where the computer slept it may have stood still: the
 * next stretch then lies ahead. Empty without any sync.
 *
 * Each answer bounds the truth within half of its round trip; what does not fit such a bound is an outlier, or a jump
 * if the next answers agree with it. Within a run quick answers weigh most (Cristian 1989: what an answer can be off by is
 * what its round trip took longer than need be).
 */
export function fitPageClock(syncs: readonly ClockSync[]): PageClockRun[] {
  const usable = syncs.filter((sync) => Object.values(sync).every(Number.isFinite) && sync.roundTripMs >= 0)
  const sorted = usable.toSorted((a, b) => a.monotonicMs - b.monotonicMs)
  return withoutBackwardRuns(splitAtJumps(sorted)).map(fitRun)
}

/** Between these lies take's clock minus page's clock. */
interface Bounds {
  atMs: number
  low: number
  high: number
}

function boundsOf(sync: ClockSync): Bounds {
  const offset = sync.takeMs - sync.monotonicMs
  const slack = sync.roundTripMs / 2 + STAMP_SLACK_MS
  return { atMs: sync.monotonicMs, low: offset - slack, high: offset + slack }
}

/** Both at once, as the clocks may have drifted meanwhile; null where they contradict each other. */
function agreed(before: Bounds, now: Bounds): Bounds | null {
  const drift = RATE_MAX * Math.abs(now.atMs - before.atMs)
  const low = Math.max(before.low - drift, now.low)
  const high = Math.min(before.high + drift, now.high)
  return low <= high ? { atMs: now.atMs, low, high } : null
}

function splitAtJumps(syncs: readonly ClockSync[]): ClockSync[][] {
  const runs: ClockSync[][] = []
  let run: ClockSync[] = []
  let known: Bounds | null = null
  let odd: ClockSync | null = null
  for (const sync of syncs) {
    const bounds = boundsOf(sync)
    const fits: Bounds | null = known ? agreed(known, bounds) : bounds
    const fitsOdd: Bounds | null = odd ? agreed(boundsOf(odd), bounds) : null
    if (fits) {
      run.push(sync)
      known = fits
      odd = null
    } else if (odd && fitsOdd) {
      runs.push(run)
      run = [odd, sync]
      known = fitsOdd
      odd = null
    } else odd = sync
  }
  runs.push(run)
  if (odd && known && boundsOf(odd).low > known.high + LAST_JUMP_MIN_MS) runs.push([odd])
  return runs.filter((some) => some.length > 0)
}

/** A clock that stood still makes the next run lie ahead, never behind: where one does, the smaller run is wrong. */
function withoutBackwardRuns(runs: readonly ClockSync[][]): ClockSync[][] {
  const kept: ClockSync[][] = []
  for (const run of runs) {
    const before = kept.at(-1)
    if (!before || offsetOf(run) > offsetOf(before)) kept.push(run)
    else if (run.length > before.length) kept.splice(-1, 1, run)
  }
  return kept
}

function offsetOf(run: readonly ClockSync[]): number {
  const quickest = run.reduce((best, sync) => (sync.roundTripMs < best.roundTripMs ? sync : best))
  return quickest.takeMs - quickest.monotonicMs
}

function fitRun(run: readonly ClockSync[]): PageClockRun {
  const quickestMs = Math.min(...run.map((sync) => sync.roundTripMs))
  const excessMs = median(run.map((sync) => sync.roundTripMs - quickestMs))
  // The quickest of few is not as quick as it gets: the smallest of n waits is an n-th of the mean.
  const baseMs = STAMP_SIGMA_MS + excessMs / run.length
  const points: WeightedPoint[] = run.map((sync) => ({
    x: sync.monotonicMs,
    y: sync.takeMs - sync.monotonicMs,
    sigma: baseMs + (sync.roundTripMs - quickestMs) / 2,
  }))
  const { line, knots } = fitCurve(points, CURVE)
  return {
    fromMs: run[0]?.monotonicMs ?? 0,
    toMs: run.at(-1)?.monotonicMs ?? 0,
    knots: knots.map(([x, y]) => [x, x + y] as const),
    slopeSigma: line.slopeSigma,
    errorMs: quickestMs / 2,
  }
}
