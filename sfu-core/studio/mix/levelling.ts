import { clamp } from './decibels.ts'
import { FRAMES_PER_S, lufsToPower, powerToLufs } from './loudness.ts'
import { smoothed } from './speech.ts'

/** Everybody comes to this loudness before the mix is brought to its own. */
export const VOICE_LUFS = -20
/** A microphone that needs more than this delivers noise for the most part. */
const BOOST_MAX_DB = 30
const CUT_MAX_DB = 24
/** Less of somebody's own voice than this tells nothing of its loudness. */
const VOICE_MIN_FRAMES = FRAMES_PER_S / 2
/** BS.1770's relative gate, on frames: pauses within words do not count. */
const VOICE_GATE = 10 ** (-10 / 10)

/** Loudness of somebody's own voice, in LUFS; null where it is not heard. `own`: 1 where it is. */
export function voiceLufs(powers: Float32Array, own: Uint8Array): number | null {
  const ungated = meanPower(powers, own, 0)
  if (ungated === null) return null
  const gated = meanPower(powers, own, ungated * VOICE_GATE)
  return gated === null ? null : powerToLufs(gated)
}

function meanPower(powers: Float32Array, own: Uint8Array, gate: number): number | null {
  let sum = 0
  let count = 0
  for (let i = 0; i < powers.length; i++) {
    const power = powers[i] as number
    if (!own[i] || power < gate) continue
    sum += power
    count += 1
  }
  return count >= VOICE_MIN_FRAMES && sum > 0 ? sum / count : null
}

/** Who leans back is followed so far, over so long, and not wholly: a voice may rise. */
const FOLLOW_MAX_DB = 6
const FOLLOW_SHARE = 0.7
const FOLLOW_FRAMES = 8 * FRAMES_PER_S
const FOLLOW_FADE_FRAMES = 1 * FRAMES_PER_S

/** Gains in dB that bring a voice to VOICE_LUFS, slowly following it; held where it pauses. */
export function levellingGains(powers: Float32Array, own: Uint8Array): Float32Array {
  const lufs = voiceLufs(powers, own)
  if (lufs === null) return new Float32Array(powers.length)
  const baseDb = clamp(VOICE_LUFS - lufs, -CUT_MAX_DB, BOOST_MAX_DB)
  const near = nearbyLufs(powers, own, lufs)
  const gains = near.map((level) => {
    const follow = clamp(FOLLOW_SHARE * (lufs - level), -FOLLOW_MAX_DB, FOLLOW_MAX_DB)
    return Math.min(BOOST_MAX_DB, baseDb + follow)
  })
  return softened(gains, FOLLOW_FADE_FRAMES)
}

/** Loudness of the voice in the seconds around each frame; where it is not heard: as before, in the beginning as `lufs`. */
function nearbyLufs(powers: Float32Array, own: Uint8Array, lufs: number): Float32Array {
  const gate = lufsToPower(lufs) * VOICE_GATE
  const counted = Float32Array.from(own, (isOwn, i) => (isOwn && (powers[i] as number) >= gate ? 1 : 0))
  const energies = counted.map((isCounted, i) => isCounted * (powers[i] as number))
  const counts = smoothed(counted, FOLLOW_FRAMES)
  const sums = smoothed(energies, FOLLOW_FRAMES)
  let last = lufs
  return counts.map((count, i) => {
    if (count * FOLLOW_FRAMES >= VOICE_MIN_FRAMES) last = powerToLufs((sums[i] as number) / count)
    return last
  })
}

/** Mean of the values around each, which may be negative. */
function softened(values: Float32Array, count: number): Float32Array {
  const least = values.reduce((a, b) => Math.min(a, b), 0)
  return smoothed(
    values.map((value) => value - least),
    count,
  ).map((value) => value + least)
}

/** Gentle: what stands out of the voice's loudness is taken down by half, rounded over 6 dB. */
const COMPRESSION_FROM_LUFS = VOICE_LUFS + 3
const COMPRESSION_KNEE_DB = 6
const COMPRESSION_RATIO = 2
const COMPRESSION_MAX_DB = 8
/** Of the level that it goes by, and of its return. */
const COMPRESSION_LEVEL_FRAMES = 3
const COMPRESSION_RELEASE_DB_PER_FRAME = 0.25
const COMPRESSION_FADE_FRAMES = 3

function compressionDb(level: number): number {
  const over = level - COMPRESSION_FROM_LUFS
  const slope = 1 - 1 / COMPRESSION_RATIO
  if (over <= -COMPRESSION_KNEE_DB / 2) return 0
  if (over >= COMPRESSION_KNEE_DB / 2) return Math.min(COMPRESSION_MAX_DB, slope * over)
  return (slope * (over + COMPRESSION_KNEE_DB / 2) ** 2) / (2 * COMPRESSION_KNEE_DB)
}

/** Gains in dB of a compressor after the leveller; `gains`: those of the leveller. It looks ahead, so nothing slips through its attack. */
export function compressionGains(powers: Float32Array, gains: Float32Array): Float32Array {
  const levels = smoothed(powers, COMPRESSION_LEVEL_FRAMES)
  const wanted = levels.map((power, i) => -compressionDb(powerToLufs(power) + (gains[i] as number)))
  let held = 0
  for (let i = 0; i < wanted.length; i++) {
    held = Math.min(wanted[i] as number, held + COMPRESSION_RELEASE_DB_PER_FRAME, 0)
    wanted[i] = held
  }
  return softened(wanted, COMPRESSION_FADE_FRAMES)
}
