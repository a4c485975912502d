import type { CaptureMark, CaptureNote, ClockSync } from './tape.ts'
import { type CaptureRun, fitCapture } from './timeline/capture-clock.ts'
import { chainAt, fitLine, type Knots, lineAt } from './timeline/lines.ts'
import { fitPageClock, type PageClockRun } from './timeline/page-clock.ts'

/**
 * Puts a tape's samples on the take's clock. Pure.
 *
 * Two clocks lie between: marks set the samples against the page's clock (capture-clock.ts: late, never early; a stall of the
 * sound card is a step up that stays), syncs set the page's clock against the take's (page-clock.ts: good to half
 * of a round trip; where the computer slept it may jump). Both may drift. The tape falls into pieces at stalls and sleeps.
 */

export interface TapeClockData {
  marks: readonly CaptureMark[]
  syncs: readonly ClockSync[]
  notes: readonly CaptureNote[]
  /** Samples captured in all, as far as known. */
  sampleCount: number
}

/** A stretch of a tape without a stall, and where it lies on the take's clock. */
export interface TapePiece {
  firstSample: number
  /** Not part of it any more. */
  endSample: number
  /** Samples of the tape to the take's clock in ms, rising; two at least. */
  knots: Knots
  /** No drift that the clocks prove: the samples may be taken over as they are, from the first knot on. */
  isExact: boolean
}

/** Time that passed on the take's clock while no sample was captured. In ms on the take's clock. */
export interface TapeStall {
  /** The first sample after it. */
  sample: number
  fromMs: number
  toMs: number
  cause: CaptureNote['cause']
}

export interface TapeFit {
  pieces: readonly TapePiece[]
  stalls: readonly TapeStall[]
  /** How much faster than the take's clock the sound card ran, in parts per million. */
  driftPpm: number
  /** Half of the quickest round trip: the whole tape may be so far off, in ms. */
  clockErrorMs: number
}

const SAMPLES_PER_MS = 48
/** A chain has a knot so often at least where clocks are put together: in samples. */
const KNOT_DISTANCE_SAMPLES = 30_000 * SAMPLES_PER_MS
/** A day and more; whoever declares longer tapes gets coarser ones. */
const KNOTS_MAX_COUNT = 4_000
/** What moves samples by less is not corrected: nobody hears 1 ms, and samples stay what they were. */
const EXACT_WITHIN_MS = 1
/** Nor is what may be the clocks' own uncertainty, by this many sigmas ... */
const EXACT_SIGMAS = 3
/** ... and up to this much, which puts the ends half as much beside their places. */
const EXACT_WITHIN_MAX_MS = 6
/** A sound card within 200 ppm moves the ends of so short a tape by 2 ms each at most: less than few marks are wrong by. */
const EXACT_UP_TO_MS = 20_000
/** A chain is taken for one straight line where it leaves it by less. */
const STRAIGHT_WITHIN_MS = 0.5
/** A hundred times what the worst sound card does: whoever sends such clocks sends nonsense, and is not to be resampled by it. */
const RATE_OFF_MAX = 0.02
/** Where sleep and stall are the same event. */
const SAME_EVENT_MS = 2_000
const PPM = 1e6

/** Null where there is neither mark nor sync to tell where the tape lies. */
export function fitTape(tape: TapeClockData): TapeFit | null {
  const clock = fitPageClock(tape.syncs)
  const capture = fitCapture(tape.marks, tape.notes)
  if (clock.length === 0 || capture.length === 0) return null
  const cuts = cutPoints(tape, capture, clock)
  const chains = cuts.flatMap((cut, i) => {
    const endSample = Math.max(cut.sample, cuts[i + 1]?.sample ?? tape.sampleCount)
    return endSample > cut.sample ? [{ cut, endSample, knots: chainOf(cut, endSample) }] : []
  })
  const withinMs = hasNoProvenDrift(chains) ? Number.POSITIVE_INFINITY : EXACT_WITHIN_MS
  const pieces = chains.map(({ cut, endSample, knots }) => {
    const piece: TapePiece = { firstSample: cut.sample, endSample, ...simplest(knots, withinMs) }
    return { piece, cause: cut.cause }
  })
  return {
    pieces: pieces.map(({ piece }) => piece),
    stalls: pieces.slice(1).map(({ piece, cause }, i) => stallBefore(piece, pieces[i]?.piece ?? piece, cause)),
    driftPpm: driftOf(pieces.map(({ piece }) => piece)),
    clockErrorMs: Math.min(...clock.map((run) => run.errorMs)),
  }
}

/** The moment of the take's clock at which a sample was captured; in a stall's place the later one. */
export function tapeSampleToMs(fit: TapeFit, sample: number): number {
  const piece = fit.pieces.findLast((some) => some.firstSample <= sample) ?? fit.pieces[0]
  return piece ? chainAt(piece.knots, sample) : Number.NaN
}

/** Where a piece begins, and which clocks hold in it. */
interface Cut {
  sample: number
  capture: CaptureRun
  clock: PageClockRun
  cause: CaptureNote['cause']
}

/** The tape falls apart at the capture's stalls and where the page's clock jumps. */
function cutPoints(tape: TapeClockData, capture: readonly CaptureRun[], clock: readonly PageClockRun[]): Cut[] {
  const jumps = clock.slice(1).map((run, i) => ({ run, sample: jumpSample(tape, capture, [clock[i] ?? run, run]) }))
  const cuts: Cut[] = []
  for (const run of capture) {
    const clockRun = jumps.findLast((jump) => jump.sample <= run.firstSample)?.run ?? clock[0]
    if (clockRun) cuts.push({ sample: run.firstSample, capture: run, clock: clockRun, cause: causeOf(run, jumps) })
  }
  for (const { run, sample } of jumps) {
    if (cuts.some((cut) => cut.sample === sample)) continue
    const captureRun = capture.findLast((some) => some.firstSample <= sample) ?? capture[0]
    if (captureRun) cuts.push({ sample, capture: captureRun, clock: run, cause: 'asleep' })
  }
  return cuts.sort((a, b) => a.sample - b.sample)
}

function causeOf(run: CaptureRun, jumps: readonly { sample: number }[]): CaptureNote['cause'] {
  const slept = jumps.some((jump) => jump.sample === run.firstSample)
  return run.stall?.cause ?? (slept ? 'asleep' : 'stalled')
}

/** The page's clock stood still somewhere between two syncs: at a noted sleep, at a stall, else half-way. */
function jumpSample(
  tape: TapeClockData,
  capture: readonly CaptureRun[],
  [before, after]: readonly [PageClockRun, PageClockRun],
): number {
  const from = sampleAt(capture, before.toMs - SAME_EVENT_MS)
  const to = sampleAt(capture, after.fromMs + SAME_EVENT_MS)
  const isWithin = (sample: number) => sample >= from && sample <= to
  const noted = tape.notes.find((note) => note.cause === 'asleep' && isWithin(note.sample))
  const stalled = capture.find((run) => run.stall && isWithin(run.firstSample))
  return noted?.sample ?? stalled?.firstSample ?? Math.round((from + to) / 2)
}

/** How many samples there were at a moment of the page's clock. */
function sampleAt(capture: readonly CaptureRun[], pageMs: number): number {
  const index = capture.findLastIndex((some) => chainAt(some.knots, some.firstSample) <= pageMs)
  const run = capture[Math.max(0, index)]
  const end = capture[index + 1]?.firstSample ?? Number.POSITIVE_INFINITY
  if (!run) return 0
  const inverse = run.knots.map(([sample, ms]) => [ms, sample] as const)
  return Math.round(Math.max(0, Math.min(end, chainAt(inverse, pageMs))))
}

/** A cut's samples on the take's clock, up to the next cut. */
function chainOf(cut: Cut, endSample: number): Knots {
  const span = endSample - cut.sample
  const count = Math.max(1, Math.min(KNOTS_MAX_COUNT, Math.ceil(span / KNOT_DISTANCE_SAMPLES)))
  return Array.from({ length: count + 1 }, (_, i) => {
    const sample = cut.sample + (span * i) / count
    return [sample, chainAt(cut.clock.knots, chainAt(cut.capture.knots, sample))] as const
  })
}

/** Whether all of a tape may be taken over as it is: the clocks do not prove that it drifts. */
function hasNoProvenDrift(chains: readonly { cut: Cut; endSample: number; knots: Knots }[]): boolean {
  const spanMs = chains.reduce((sum, { cut, endSample }) => sum + (endSample - cut.sample) / SAMPLES_PER_MS, 0)
  const driftMs = chains.reduce((sum, { knots }) => sum + driftWithin(knots).spanMs, 0)
  const sigma = Math.max(...chains.map(({ cut }) => Math.hypot(cut.capture.slopeSigma, cut.clock.slopeSigma)))
  const withinMs = Math.max(EXACT_WITHIN_MS, Math.min(EXACT_SIGMAS * sigma * spanMs, EXACT_WITHIN_MAX_MS))
  return driftMs <= withinMs || spanMs <= EXACT_UP_TO_MS
}

/** How far samples of a chain move from where the nominal rate would put them. */
function driftWithin(knots: Knots): { offsetsMs: number[]; spanMs: number; middleMs: number } {
  const offsetsMs = knots.map(([sample, ms]) => ms - sample / SAMPLES_PER_MS)
  const [low, high] = [Math.min(...offsetsMs), Math.max(...offsetsMs)]
  return { offsetsMs, spanMs: high - low, middleMs: (low + high) / 2 }
}

/** As few changes of speed as the clocks prove: none, one speed, or the chain as it is. */
function simplest(knots: Knots, exactWithinMs: number): { knots: Knots; isExact: boolean } {
  const ends = [knots[0]?.[0] ?? 0, knots.at(-1)?.[0] ?? 0]
  const { offsetsMs, spanMs, middleMs } = driftWithin(knots)
  if (spanMs <= exactWithinMs || !isPlausible(knots)) {
    return { knots: ends.map((sample) => [sample, sample / SAMPLES_PER_MS + middleMs] as const), isExact: true }
  }
  const points = knots.map(([sample], i) => ({ x: sample, y: offsetsMs[i] ?? 0, sigma: 1 }))
  const line = fitLine(points, Number.MAX_SAFE_INTEGER)
  const isStraight = points.every(({ x, y }) => Math.abs(y - lineAt(line, x)) <= STRAIGHT_WITHIN_MS)
  if (!isStraight) return { knots, isExact: false }
  return { knots: ends.map((x) => [x, x / SAMPLES_PER_MS + lineAt(line, x)] as const), isExact: false }
}

function isPlausible(knots: Knots): boolean {
  return knots.slice(1).every(([sample, ms], i) => {
    const [fromSample, fromMs] = knots[i] ?? [0, 0]
    return Math.abs(((ms - fromMs) * SAMPLES_PER_MS) / (sample - fromSample) - 1) < RATE_OFF_MAX
  })
}

function stallBefore(piece: TapePiece, before: TapePiece, cause: CaptureNote['cause']): TapeStall {
  const sample = piece.firstSample
  return { sample, fromMs: chainAt(before.knots, sample), toMs: chainAt(piece.knots, sample), cause }
}

/** Of all pieces together, by their lengths. */
function driftOf(pieces: readonly TapePiece[]): number {
  let [tapeMs, takeMs] = [0, 0]
  for (const { firstSample, endSample, knots } of pieces) {
    tapeMs += (endSample - firstSample) / SAMPLES_PER_MS
    takeMs += chainAt(knots, endSample) - chainAt(knots, firstSample)
  }
  return takeMs > 0 ? (tapeMs / takeMs - 1) * PPM : 0
}
