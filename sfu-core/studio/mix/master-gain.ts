import { clamp, fromDb } from './decibels.ts'
import { integratedLufs, type LoudnessFrames } from './loudness.ts'

/** A mix that needs more than this is next to silence: what would be heard is noise. */
export const MASTER_BOOST_MAX_DB = 36
const MASTER_CUT_MAX_DB = 40
/** Frames before and after a peak in which the limiter holds its gain, roughly: its release is 80 ms. */
const HELD_FRAMES = 6
const SEARCH_ROUNDS = 18

export interface MasterGainOptions {
  targetLufs: number
  /** The limiter's ceiling, as a factor of full scale. */
  ceiling: number
}

/** Peak that the limiter goes by at each frame: the largest near, fading with its release. */
function heldPeaks(peaks: Float32Array): Float32Array {
  const fade = Math.exp(-1 / HELD_FRAMES)
  const held = peaks.slice()
  for (let i = 1; i < held.length; i++) held[i] = Math.max(held[i] as number, (held[i - 1] as number) * fade)
  for (let i = held.length - 2; i >= 0; i--) held[i] = Math.max(held[i] as number, peaks[i + 1] as number)
  return held
}

export interface MasterGain {
  gainDb: number
  /** False for silence, and where a limit was in the way. */
  isReached: boolean
}

/** The limiter is not made a compressor: beyond this the target is missed rather than the voices squeezed. */
const LIMITED_MAX_DB = 10

/** Loudness with a gain and the limiter behind it, estimated frame by frame. */
function limitedLufs(
  frames: LoudnessFrames,
  held: Float32Array,
  { gainDb, ceiling }: { gainDb: number; ceiling: number },
): number {
  const gain = fromDb(gainDb)
  const powers = frames.powers.map(
    (power, i) => power * Math.min(gain, ceiling / Math.max(1e-9, held[i] as number)) ** 2,
  )
  return integratedLufs(powers)
}

/** The gain that brings sound to the target, the limiter's work included. 0 dB for silence; capped by MASTER_BOOST_MAX_DB. */
export function masterGain(frames: LoudnessFrames, { targetLufs, ceiling }: MasterGainOptions): MasterGain {
  const before = integratedLufs(frames.powers)
  if (!Number.isFinite(before)) return { gainDb: 0, isReached: false }
  const wantedDb = targetLufs - before
  let low = clamp(wantedDb, -MASTER_CUT_MAX_DB, MASTER_BOOST_MAX_DB)
  if (low !== wantedDb) return { gainDb: low, isReached: false }
  const held = heldPeaks(frames.peaks)
  let high = Math.min(MASTER_BOOST_MAX_DB, low + LIMITED_MAX_DB)
  if (limitedLufs(frames, held, { gainDb: high, ceiling }) < targetLufs) return { gainDb: high, isReached: false }
  for (let round = 0; round < SEARCH_ROUNDS; round++) {
    const middle = (low + high) / 2
    if (limitedLufs(frames, held, { gainDb: middle, ceiling }) < targetLufs) low = middle
    else high = middle
  }
  return { gainDb: low, isReached: true }
}
