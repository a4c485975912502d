import type { GapCause } from '../../contract/take-report.ts'
import { type Interval, intersect, joined, lengthOf, subtract } from './intervals.ts'
import type { LaidHole, LaidPiece, LaidTape } from './lay-tape.ts'

/** Which sound goes where in a speaker's track. In samples of 48 kHz on the take's clock. Pure. */

/** From a tape. */
export interface TapeStretch extends Interval {
  /** Index into the tapes. */
  tape: number
  piece: LaidPiece
}

/** No tape has it. The SFU's track, or nothing, goes there. */
export interface Hole extends Interval {
  /** What of it is missing and was to be there, in order; empty where nothing was. */
  gaps: Gap[]
}

export interface Gap extends Interval {
  cause: GapCause
}

export interface TrackPlan {
  tapes: TapeStretch[]
  holes: Hole[]
  /** In which the speaker was to be recorded. */
  expectedSamples: number
  /** Of it: from tapes. */
  losslessSamples: number
}

export interface TrackWishes {
  /** In order of their beginning. Where two have the same moment, the earlier one is taken. */
  tapes: readonly LaidTape[]
  expected: readonly Interval[]
  lengthSamples: number
}

/** Less of a tape is not worth a seam. */
const STRETCH_MIN_SAMPLES = 480
/** What is shorter is the clocks' own uncertainty. */
const GAP_MIN_SAMPLES = 48
/** Of what has two causes at once, or a cause in nearly all of it, one is told. */
const CAUSE_REACH_SAMPLES = 2_400
/**
 * A page hears later than the node that its person is on stage and agreed, opens the microphone, and begins a tape; at
 * the end its news overtakes the sound. This much is no gap; the SFU's track is put there all the same.
 */
const START_GRACE_SAMPLES = 48_000

export function planTrack(wishes: TrackWishes): TrackPlan {
  const tapes = layStretches(wishes)
  const covered = joined(tapes)
  const holes = subtract([{ from: 0, to: wishes.lengthSamples }], covered)
  const causes = wishes.tapes.flatMap((tape) => tape.holes)
  const expected = withoutGrace(wishes.expected, covered, causes)
  return {
    tapes,
    holes: holes.map((hole) => ({ ...hole, gaps: gapsIn(intersect(expected, [hole]), causes) })),
    expectedSamples: lengthOf(expected),
    losslessSamples: lengthOf(intersect(expected, covered)),
  }
}

function layStretches({ tapes, lengthSamples }: TrackWishes): TapeStretch[] {
  const laid: TapeStretch[] = []
  let free: Interval[] = [{ from: 0, to: lengthSamples }]
  for (const [tape, { pieces }] of tapes.entries()) {
    for (const piece of pieces) {
      const parts = intersect(free, [piece]).filter(({ from, to }) => to - from >= STRETCH_MIN_SAMPLES)
      laid.push(...parts.map((part) => ({ ...part, tape, piece })))
      free = subtract(free, parts)
    }
  }
  return laid.sort((a, b) => a.from - b.from)
}

/** What was to be recorded, without the moments that a tape's beginning and end take. What is known to be lost is no such moment. */
function withoutGrace(
  expected: readonly Interval[],
  covered: readonly Interval[],
  lost: readonly Interval[],
): Interval[] {
  const isGrace = (part: Interval) => part.to - part.from <= START_GRACE_SAMPLES && intersect([part], lost).length === 0
  return expected.flatMap(({ from, to }) => {
    const inside = intersect([{ from, to }], covered)
    const [first, last] = [inside[0], inside.at(-1)]
    if (!first || !last) return [{ from, to }]
    return [
      {
        from: isGrace({ from, to: first.from }) ? first.from : from,
        to: isGrace({ from: last.to, to }) ? last.to : to,
      },
    ]
  })
}

function gapsIn(missing: readonly Interval[], causes: readonly LaidHole[]): Gap[] {
  return missing
    .flatMap((interval) => causedParts(interval, causes))
    .filter(({ from, to }) => to - from >= GAP_MIN_SAMPLES)
}

/** Falls apart by causes; what has none was not captured, unless a cause is next to it. */
function causedParts(interval: Interval, causes: readonly LaidHole[]): Gap[] {
  const parts: Gap[] = []
  let unknown: Interval[] = [interval]
  for (const { cause, ...range } of causes) {
    const wide = { from: range.from - CAUSE_REACH_SAMPLES, to: range.to + CAUSE_REACH_SAMPLES }
    const isIn = intersect(unknown, [range]).length > 0
    const found = isIn ? unknown.flatMap((part) => widened(part, range, wide)) : []
    parts.push(...found.map((part) => ({ ...part, cause })))
    unknown = subtract(unknown, found)
  }
  parts.push(...unknown.map((part) => ({ ...part, cause: 'not-captured' as const })))
  return merged(parts.sort((a, b) => a.from - b.from))
}

/** The part of an interval that lies in a range; to the interval's own ends where they are near. */
function widened(part: Interval, range: Interval, wide: Interval): Interval[] {
  const [inside] = intersect([part], [range])
  if (!inside) return []
  return [{ from: part.from >= wide.from ? part.from : inside.from, to: part.to <= wide.to ? part.to : inside.to }]
}

function merged(gaps: readonly Gap[]): Gap[] {
  const result: Gap[] = []
  for (const gap of gaps) {
    const last = result.at(-1)
    if (last && last.cause === gap.cause && gap.from <= last.to) last.to = Math.max(last.to, gap.to)
    else result.push({ ...gap })
  }
  return result
}
