import { clamp } from './decibels.ts'
import { FRAMES_PER_S, powerToLufs } from './loudness.ts'

/** When somebody speaks, from loudness alone. All in frames of 10 ms. */

/** Nothing quieter is speech, however quiet the room. */
const SPEECH_MIN_LUFS = -62
/** Speech stands out of the room by so much. */
const SPEECH_OVER_FLOOR_DB = 9
/** Levels are told down to here. */
export const LEVEL_MIN_LUFS = -100
/** Syllables, not periods of the voice. */
const LEVEL_FRAMES = 5
const FLOOR_WINDOW_FRAMES = 60 * FRAMES_PER_S
const FLOOR_STEP_FRAMES = 10 * FRAMES_PER_S
/** Even who talks without end breathes a tenth of the time. */
const FLOOR_SHARE = 0.1

/** One speaker's microphone, frame by frame. */
export interface SpeechFrames {
  /** In LUFS, smoothed over 50 ms. */
  levels: Float32Array
  /** Of the room, in LUFS. */
  floors: Float32Array
  /** 1 where the microphone hears speech, whoever's. */
  active: Uint8Array
}

/** Mean of the `count` values around each. */
export function smoothed(values: Float32Array, count: number): Float32Array {
  const result = new Float32Array(values.length)
  const before = Math.floor(count / 2)
  let sum = 0
  for (let i = -before; i < values.length; i++) {
    const entering = i + before
    const leaving = entering - count
    if (entering < values.length) sum += values[entering] as number
    if (leaving >= 0) sum -= values[leaving] as number
    const held = Math.min(values.length, entering + 1) - Math.max(0, leaving + 1)
    // The running sum may end a rounding error below 0.
    if (i >= 0) result[i] = Math.max(0, sum / held)
  }
  return result
}

function levelsOf(powers: Float32Array): Float32Array {
  return smoothed(powers, LEVEL_FRAMES).map((power) => Math.max(LEVEL_MIN_LUFS, powerToLufs(power)))
}

const HISTOGRAM_STEPS = 200
const histogramStep = (level: number) => clamp(Math.floor((level - LEVEL_MIN_LUFS) * 2), 0, HISTOGRAM_STEPS - 1)

/** The level below which `share` of the frames lie; digital silence does not count. null where nothing else is. */
function levelAtShare(levels: Float32Array, share: number): number | null {
  const counts = new Uint32Array(HISTOGRAM_STEPS)
  let total = 0
  for (const level of levels) {
    if (level <= LEVEL_MIN_LUFS) continue
    counts[histogramStep(level)] = (counts[histogramStep(level)] as number) + 1
    total += 1
  }
  if (total === 0) return null
  let below = 0
  for (const [step, count] of counts.entries()) {
    below += count
    if (below >= share * total) return LEVEL_MIN_LUFS + step / 2
  }
  return null
}

function floorsOf(levels: Float32Array): Float32Array {
  const floors = new Float32Array(levels.length)
  for (let step = 0; step < levels.length; step += FLOOR_STEP_FRAMES) {
    const middle = step + FLOOR_STEP_FRAMES / 2
    const from = Math.max(0, Math.min(middle - FLOOR_WINDOW_FRAMES / 2, levels.length - FLOOR_WINDOW_FRAMES))
    const window = levels.subarray(from, from + FLOOR_WINDOW_FRAMES)
    floors.fill(levelAtShare(window, FLOOR_SHARE) ?? LEVEL_MIN_LUFS, step, step + FLOOR_STEP_FRAMES)
  }
  return floors
}

/** `powers`: K-weighted power of each frame. */
export function hearSpeech(powers: Float32Array): SpeechFrames {
  const levels = levelsOf(powers)
  const floors = floorsOf(levels)
  const active = Uint8Array.from(levels, (level, i) => {
    return level > SPEECH_MIN_LUFS && level > (floors[i] as number) + SPEECH_OVER_FLOOR_DB ? 1 : 0
  })
  return { levels, floors, active }
}
