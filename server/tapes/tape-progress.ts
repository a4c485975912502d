import type { CaptureMark, ClockSync, TapeChunkHeader } from '../../sfu-core/contract/tape.ts'
import { TAPE_SAMPLE_RATE_HZ } from '../../sfu-core/contract/tape.ts'
import { TAPE_MAX_SAMPLES, TAPE_SYNCS_KEPT } from '../limits.ts'
import { NO_STALLS, type StallWatch, watched } from './stall-watch.ts'

const SAMPLES_PER_MS = TAPE_SAMPLE_RATE_HZ / 1_000

/** How far a tape is here without a hole; grows with each chunk, so that the live strip needs no look through all of them. */
export interface TapeProgress {
  /** Chunks 0 to this - 1 are here, */
  contiguousChunks: number
  /** with so many samples. */
  safeSamples: number
  /** As the page told last. */
  capturedSamples: number
  /** The last one of the contiguous chunks. */
  lastMark: CaptureMark | null
  stalls: StallWatch
  /** The last few: the page's clock drifts, and the network's mood changes. */
  syncs: ClockSync[]
}

export const NO_PROGRESS: TapeProgress = {
  contiguousChunks: 0,
  safeSamples: 0,
  capturedSamples: 0,
  lastMark: null,
  stalls: NO_STALLS,
  syncs: [],
}

/** A chunk has come: whatever its place, it tells how much there is. */
export function heardOf(progress: TapeProgress, header: TapeChunkHeader): TapeProgress {
  const endSample = header.firstSample + header.sampleCount
  const told = Math.min(header.capturedSamples, TAPE_MAX_SAMPLES)
  return { ...progress, capturedSamples: Math.max(progress.capturedSamples, told, endSample) }
}

/** The next chunk in order is here. */
export function advanced(progress: TapeProgress, header: TapeChunkHeader): TapeProgress {
  const syncs = [...progress.syncs, ...header.syncs].slice(-TAPE_SYNCS_KEPT)
  return {
    ...progress,
    contiguousChunks: header.index + 1,
    safeSamples: header.firstSample + header.sampleCount,
    lastMark: header.marks.at(-1) ?? progress.lastMark,
    stalls: watched(progress.stalls, header, syncs),
    syncs,
  }
}

/** Where a sample lies on the take's clock, in ms: good for showing, not for aligning. Without a word of the clock: as if the tape began at its zero. */
export function takeMsOf({ lastMark, syncs }: TapeProgress, sample: number): number {
  const best = syncs.reduce<ClockSync | null>(quicker, null)
  if (best === null || lastMark === null) return sample / SAMPLES_PER_MS
  const [markSample, markMs] = lastMark
  return markMs + (sample - markSample) / SAMPLES_PER_MS + (best.takeMs - best.monotonicMs)
}

function quicker(best: ClockSync | null, next: ClockSync): ClockSync {
  return best === null || next.roundTripMs <= best.roundTripMs ? next : best
}
