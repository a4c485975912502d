import type { Processing } from '../../contract/edits.ts'
import { duckingGains, findOwnVoices } from './bleed.ts'
import { fromDb } from './decibels.ts'
import { type Interval, maskOf } from './intervals.ts'
import { compressionGains, levellingGains } from './levelling.ts'
import { hearSpeech } from './speech.ts'

/** What the plan has to know of a speaker. */
export interface PlannedSpeaker {
  /** K-weighted power of each frame of the track. */
  powers: Float32Array
  /** The host's own wish. */
  gainDb: number
  /** In frames: silent there. */
  mutes: readonly Interval[]
}

/** Of one speaker: the gain as a factor at the beginning of each 10 ms frame of the take, linear in between. */
export type GainCurve = Float32Array<ArrayBuffer>

/**
 * Decides on all gains before a sample is touched: with the whole take in view nothing has to be guessed, gains move before a
 * word and not in it, and the loudness of the mix is known beforehand. One curve per speaker, a value more than frames.
 */
export function planGains(speakers: readonly PlannedSpeaker[], processing: Processing): GainCurve[] {
  const frames = Math.max(0, ...speakers.map(({ powers }) => powers.length))
  const powers = speakers.map((speaker) => padded(speaker.powers, frames))
  const speech = powers.map(hearSpeech)
  const voices = findOwnVoices(processing.bleedDucking ? speech : [])
  return speakers.map(({ gainDb, mutes }, i) => {
    const own = voices[i]?.own ?? (speech[i]?.active as Uint8Array)
    // What nobody will hear says nothing of how loud the rest is. (That it is bleed in other microphones was found above.)
    for (const { from, to } of mutes) own.fill(0, from, to)
    const gains = new Float32Array(frames).fill(gainDb)
    if (processing.levelling) addTo(gains, voiceGains(powers[i] as Float32Array, own))
    if (voices[i]) addTo(gains, duckingGains(voices[i].ducked))
    return toCurve(gains)
  })
}

function padded(powers: Float32Array, frames: number): Float32Array {
  if (powers.length === frames) return powers
  const longer = new Float32Array(frames)
  longer.set(powers)
  return longer
}

function voiceGains(powers: Float32Array, own: Uint8Array): Float32Array {
  const gains = levellingGains(powers, own)
  addTo(gains, compressionGains(powers, gains))
  return gains
}

function addTo(gains: Float32Array, more: Float32Array): void {
  for (let i = 0; i < gains.length; i++) gains[i] = (gains[i] as number) + (more[i] as number)
}

/** A frame's gain holds at its middle; the curve has the values at the borders between frames. */
function toCurve(gainsDb: Float32Array): GainCurve {
  return Float32Array.from({ length: gainsDb.length + 1 }, (_, i) => {
    const before = gainsDb[Math.max(0, i - 1)] ?? 0
    const after = gainsDb[Math.min(gainsDb.length - 1, i)] ?? 0
    return fromDb((before + after) / 2)
  })
}

/** K-weighted power of each frame of the sum of all speakers, in one channel: voices do not add up in phase. */
export function plannedPowers(speakers: readonly PlannedSpeaker[], curves: readonly GainCurve[]): Float32Array {
  const sum = new Float32Array(Math.max(0, ...speakers.map(({ powers }) => powers.length)))
  for (const [index, { powers, mutes }] of speakers.entries()) {
    const curve = curves[index] as GainCurve
    const muted = maskOf(mutes, powers.length)
    for (let i = 0; i < powers.length; i++) {
      if (muted[i]) continue
      const gain = ((curve[i] as number) + (curve[i + 1] as number)) / 2
      sum[i] = (sum[i] as number) + (powers[i] as number) * gain * gain
    }
  }
  return sum
}
