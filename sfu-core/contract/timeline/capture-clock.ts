import type { CaptureMark, CaptureNote } from '../tape.ts'
import { findStalls, type Stall } from './find-stalls.ts'
import { fitCurve, fitLine, type Knots, lineAt, median, type WeightedPoint } from './lines.ts'

/** A tape's samples against its page's clock. */

/** A stretch between two stalls. */
export interface CaptureRun {
  /** Sample at which it begins; it reaches to the next run. */
  firstSample: number
  /** Sample to the page's clock in ms. */
  knots: Knots
  slopeSigma: number
  /** Why the sound card stood still before it; null for the first. */
  stall: Stall | null
}

/** One mark as the fit sees it. */
export interface Mark {
  sample: number
  /** When the sample was due by the nominal rate, in ms after sample 0. */
  dueMs: number
  /** When the page heard of it: never early, by its own clock. */
  pageMs: number
  /** The count stood at `sample` until then at least. */
  untilMs: number
  /** pageMs - dueMs, without the drift as far as it is known. */
  lateMs: number
}

const SAMPLES_PER_MS = 48
/** Sound cards are within 200 ppm. */
const RATE_SIGMA = 200e-6
/** What a window's promptest mark is late by at least. */
const PROMPT_SIGMA_MS = 0.3
/** Marks per window: half a minute of them. The promptest of so many is prompt. */
const WINDOW_MARKS = 120
const MIN_WINDOW_MARKS = 8
/** No clock is slewed faster (adjtimex(2)): a steeper rise of the promptest marks is a busy computer. */
const WANDER_RATE_MAX = 500e-6
/** In one run: the drift is known already. */
const CURVE = {
  priorSlopeSigma: 1e-9,
  bendSlopeSigma: RATE_SIGMA,
  halfWidth: 180_000,
  knotDistance: 60_000,
  minWander: 1,
} as const

/**
 * Marks come late by whatever the computer was busy with, never early; so the truth is their lower envelope (Moon,
 * Skelly and Towsley 1999, for the delays of networks). A sound card's drift gives it a slope, a stall a step up.
 * Empty without marks.
 */
export function fitCapture(marks: readonly CaptureMark[], notes: readonly CaptureNote[]): CaptureRun[] {
  const usable = toMarks(marks)
  if (usable.length === 0) return []
  // The drift is needed to find the stalls, and the stalls to find the drift.
  let slope = roughSlope(usable)
  let stalls = findStalls(leaning(usable, slope), notes)
  slope = commonLine(usable, stalls).slope
  stalls = findStalls(leaning(usable, slope), notes)
  const { slope: finalSlope, slopeSigma } = commonLine(usable, stalls)
  return splitMarks(usable, stalls).map((part, i) =>
    fitRun(part, { slope: finalSlope, slopeSigma, stall: stalls[i - 1] ?? null }),
  )
}

/** In order, one for each count: of those that tell the same count the first is the promptest. */
function toMarks(marks: readonly CaptureMark[]): Mark[] {
  const finite = marks.filter(([sample, pageMs]) => Number.isFinite(sample) && Number.isFinite(pageMs))
  const kept: Mark[] = []
  for (const [sample, pageMs] of finite.toSorted((a, b) => a[1] - b[1] || a[0] - b[0])) {
    const last = kept.at(-1)
    if (last && sample === last.sample) last.untilMs = pageMs
    if (last && sample <= last.sample) continue
    const dueMs = sample / SAMPLES_PER_MS
    kept.push({ sample, dueMs, pageMs, untilMs: pageMs, lateMs: pageMs - dueMs })
  }
  return kept
}

function leaning(marks: readonly Mark[], slope: number): Mark[] {
  return marks.map((mark) => ({ ...mark, lateMs: mark.pageMs - mark.dueMs * (1 + slope) }))
}

/** Marks per window here: short, so that few windows have a stall in them. */
const ROUGH_WINDOW_MARKS = 20
const ROUGH_MIN_WINDOWS = 6

/** The median of the slopes between neighbouring windows: stalls are in few of them. */
function roughSlope(marks: readonly Mark[]): number {
  const prompt = promptest(marks, ROUGH_WINDOW_MARKS)
  if (prompt.length < ROUGH_MIN_WINDOWS) return 0
  const slopes = prompt.slice(1).map((mark, i) => {
    const before = prompt[i] ?? mark
    return (mark.lateMs - before.lateMs) / Math.max(1, mark.dueMs - before.dueMs)
  })
  return median(slopes)
}

/** The promptest mark of each window of `count` marks; what does not fill the last one is part of it. */
function promptest(marks: readonly Mark[], count: number): Mark[] {
  const windows = Math.max(1, Math.floor(marks.length / count))
  return Array.from({ length: windows }, (_, i) => {
    const window = marks.slice(i * count, i === windows - 1 ? marks.length : (i + 1) * count)
    return window.reduce((best, mark) => (mark.lateMs < best.lateMs ? mark : best))
  })
}

function splitMarks(marks: readonly Mark[], stalls: readonly Stall[]): Mark[][] {
  const bounds = [0, ...stalls.map((stall) => stall.firstMark), marks.length]
  return bounds.slice(1).map((end, i) => marks.slice(bounds[i], end))
}

/** The drift that all runs have in common: each is moved so that its promptest marks' mean is zero. */
function commonLine(marks: readonly Mark[], stalls: readonly Stall[]) {
  const points = splitMarks(marks, stalls).flatMap((part) => {
    const own = toPoints(part)
    const mean = fitLine(own, 1e-9).atX0
    return own.map((point) => ({ ...point, x: point.x, y: point.y - mean, run: part }))
  })
  return sharedSlope(points)
}

function sharedSlope(points: readonly (WeightedPoint & { run: object })[]): { slope: number; slopeSigma: number } {
  const byRun = Map.groupBy(points, (point) => point.run)
  // A line through points that are centred run by run has the slope that suits all of them.
  const centred = [...byRun.values()].flatMap((own) => {
    const middle = own.reduce((sum, point) => sum + point.x, 0) / own.length
    return own.map((point) => ({ ...point, x: point.x - middle }))
  })
  return fitLine(centred, RATE_SIGMA)
}

/** The lower envelope: the promptest mark of each window, none above what the others allow. */
function toPoints(marks: readonly Mark[]): WeightedPoint[] {
  const windowMarks = Math.max(MIN_WINDOW_MARKS, Math.min(WINDOW_MARKS, Math.floor(marks.length / 4)))
  const prompt = promptest(marks, windowMarks)
  const late = prompt.map((mark) => mark.lateMs)
  const reach = (i: number, j: number) => {
    const distanceMs = Math.abs((prompt[i]?.dueMs ?? 0) - (prompt[j]?.dueMs ?? 0))
    late[i] = Math.min(late[i] ?? 0, (late[j] ?? 0) + distanceMs * WANDER_RATE_MAX)
  }
  for (let i = 1; i < late.length; i++) reach(i, i - 1)
  for (let i = late.length - 2; i >= 0; i--) reach(i, i + 1)
  // The smallest of n waits is an n-th of the mean.
  const usualMs = median(marks.map((mark) => mark.lateMs)) - median(late)
  const sigma = PROMPT_SIGMA_MS + Math.max(0, usualMs) / windowMarks
  return prompt.map((mark, i) => ({ x: mark.dueMs, y: late[i] ?? 0, sigma }))
}

function fitRun(
  marks: readonly Mark[],
  common: { slope: number; slopeSigma: number; stall: Stall | null },
): CaptureRun {
  const { slope, slopeSigma, stall } = common
  const points = toPoints(leaning(marks, slope))
  const { knots } = points.length > 1 ? fitCurve(points, CURVE) : flat(points)
  return {
    firstSample: stall?.sample ?? 0,
    knots: knots.map(([dueMs, lateMs]) => [dueMs * SAMPLES_PER_MS, dueMs * (1 + slope) + lateMs] as const),
    slopeSigma,
    stall,
  }
}

function flat(points: readonly WeightedPoint[]): { knots: Knots } {
  const line = fitLine(points, 1e-9)
  return { knots: [0, 1_000].map((x) => [line.x0 + x, lineAt(line, line.x0 + x)] as const) }
}
