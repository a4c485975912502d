import type { GapCause } from '../../contract/take-report.ts'
import { type TapeFit, type TapePiece, tapeSampleToMs } from '../../contract/tape-timeline.ts'
import type { Interval } from './intervals.ts'
import type { CheckedTape, GoodChunk } from './tape-chunks.ts'

/** A tape on the take's clock. Everything here is counted in samples of 48 kHz on the take's clock unless it says `tape`. */

const SAMPLES_PER_MS = 48

/** Where each sample of the track lies on the tape: straight lines from knot to knot. */
export interface PiecePlace {
  /** The track's sample minus the tape's, where the samples are taken over as they are; null where they are resampled. */
  shift: number | null
  /** [track's sample, tape's sample]; not used where there is a shift. */
  knots: readonly (readonly [track: number, tape: number])[]
}

/** A stretch of sound of one tape, without a hole in it. */
export interface LaidPiece extends Interval {
  place: PiecePlace
}

/** Time in which a tape ran and has no sound, and why. */
export interface LaidHole extends Interval {
  cause: GapCause
}

export interface LaidTape {
  pieces: LaidPiece[]
  holes: LaidHole[]
}

/** Puts the chunks that are there on the take's clock, and tells of what is missing between them. */
export function layTape(fit: TapeFit, checked: CheckedTape): LaidTape {
  const runs = joinedChunks(checked.good)
  const pieces = fit.pieces.flatMap((piece) => {
    const place = placeOf(piece)
    return runs.flatMap((run) => {
      const first = Math.max(run.firstSample, piece.firstSample)
      const end = Math.min(run.endSample, piece.endSample)
      if (end <= first) return []
      const [from, to] = [Math.ceil(toTrack(place, first)), Math.floor(toTrack(place, end))]
      return to > from ? [{ from, to, place }] : []
    })
  })
  const stalls = fit.stalls.map(({ fromMs, toMs, cause }) => ({ ...samples(fromMs, toMs), cause }))
  const lost = checked.lost.map(({ firstSample, endSample, cause }) => ({
    ...samples(tapeSampleToMs(fit, firstSample), tapeSampleToMs(fit, endSample)),
    cause,
  }))
  return { pieces, holes: [...lost, ...stalls] }
}

function samples(fromMs: number, toMs: number): Interval {
  return { from: Math.round(fromMs * SAMPLES_PER_MS), to: Math.round(toMs * SAMPLES_PER_MS) }
}

function joinedChunks(chunks: readonly GoodChunk[]): { firstSample: number; endSample: number }[] {
  const runs: { firstSample: number; endSample: number }[] = []
  for (const { firstSample, endSample } of chunks) {
    const last = runs.at(-1)
    if (last?.endSample === firstSample) last.endSample = endSample
    else runs.push({ firstSample, endSample })
  }
  return runs
}

function placeOf(piece: TapePiece): PiecePlace {
  const knots = piece.knots.map(([tape, ms]) => [ms * SAMPLES_PER_MS, tape] as const)
  const [track, tape] = knots[0] ?? [0, 0]
  return { shift: piece.isExact ? Math.round(track - tape) : null, knots }
}

function toTrack(place: PiecePlace, tapeSample: number): number {
  if (place.shift !== null) return tapeSample + place.shift
  const [left, right] = stretchAround(place.knots, (knot) => knot[1] < tapeSample)
  return left[0] + ((tapeSample - left[1]) * (right[0] - left[0])) / (right[1] - left[1])
}

/** Where a sample of the track lies on the tape, and how far the next one is from it; valid up to the next knot. */
export function toTape(place: PiecePlace, trackSample: number): { tape: number; step: number; until: number } {
  const [left, right, isLast] = stretchAround(place.knots, (knot) => knot[0] <= trackSample)
  const step = (right[1] - left[1]) / (right[0] - left[0])
  const until = isLast ? Number.POSITIVE_INFINITY : Math.ceil(right[0])
  return { tape: left[1] + (trackSample - left[0]) * step, step, until }
}

type Knot = readonly [track: number, tape: number]

/** The two knots around a place, the outermost two for what lies outside. */
function stretchAround(knots: readonly Knot[], isBefore: (knot: Knot) => boolean): [Knot, Knot, boolean] {
  const left = Math.max(0, Math.min(knots.findLastIndex(isBefore), knots.length - 2))
  const [a, b] = [knots[left], knots[left + 1]]
  if (!a || !b) throw new Error('a piece of a tape has fewer than two knots')
  return [a, b, left + 2 >= knots.length]
}
