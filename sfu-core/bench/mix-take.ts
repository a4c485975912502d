import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { blockLength, createBlock, STUDIO_RATE_HZ } from '../studio/av/sound-block.ts'
import { SoundReader } from '../studio/av/sound-reader.ts'
import { FLAC_24, SoundWriter } from '../studio/av/sound-writer.ts'

/** Four people in four rooms, two of whom sit near each other: turns of speech with pauses, different levels, noise, bleed. */

const CLIPS = path.join(import.meta.dirname, '../../build/e2e/clips')
export const SPEAKERS = ['host', 'guest', 'third', 'second-host'] as const
const CLIP_OF = ['host', 'guest', 'third', 'host'] as const
const GAIN_DB = [0, -12, -20, -6] as const
const NOISE = [1.5e-3, 8e-4, 3e-4, 5e-4] as const
/** Whose voice is in whose microphone, 20 dB down, 8 ms late. */
const BLEED_FROM = [1, 0, 3, 2] as const
const BLEED = 0.1
const BLEED_SAMPLES = 384
/** Turns: who speaks in which of 12 s; sometimes two, sometimes nobody. */
const TURN_SAMPLES = 12 * STUDIO_RATE_HZ
const TURNS = [[0], [1], [0], [2], [0, 3], [3], [1], [], [2, 1]] as const

/** The clip at 48 kHz. The clips have half of that; a straight line between two samples is good enough for a bench. */
function readClip(name: string): Float32Array {
  using reader = new SoundReader(path.join(CLIPS, `${name}.wav`))
  const block = createBlock(1, reader.lengthSamples ?? 0)
  reader.readInto(block, 0, blockLength(block))
  const samples = block[0] ?? new Float32Array()
  return Float32Array.from({ length: 2 * samples.length - 2 }, (_, i) => {
    const a = samples[i >> 1] ?? 0
    return i % 2 === 0 ? a : (a + (samples[(i >> 1) + 1] ?? 0)) / 2
  })
}

function voiceAt(speaker: number, clip: Float32Array, at: number): number {
  const turn = TURNS[Math.floor(at / TURN_SAMPLES) % TURNS.length] ?? []
  if (at < 0 || !(turn as readonly number[]).includes(speaker)) return 0
  return (clip[at % clip.length] ?? 0) * 10 ** ((GAIN_DB[speaker] ?? 0) / 20)
}

/** A new folder with one FLAC track for each of SPEAKERS. */
export function makeMixTake(folder: string, lengthS: number): void {
  mkdirSync(folder, { recursive: true })
  const clips = CLIP_OF.map(readClip)
  for (const [speaker, name] of SPEAKERS.entries()) {
    using writer = new SoundWriter({ file: path.join(folder, `${name}.flac`), encoding: FLAC_24, channels: 1 })
    const block = createBlock(1, STUDIO_RATE_HZ)
    const [samples = new Float32Array()] = block
    const other = BLEED_FROM[speaker] ?? 0
    let random = speaker + 1
    for (let second = 0; second < lengthS; second++) {
      for (let i = 0; i < samples.length; i++) {
        const at = second * STUDIO_RATE_HZ + i
        random = (Math.imul(random, 1_664_525) + 1_013_904_223) | 0
        const noise = (random / 2_147_483_648) * (NOISE[speaker] ?? 0)
        const bleed = voiceAt(other, clips[other] ?? samples, at - BLEED_SAMPLES) * BLEED
        samples[i] = voiceAt(speaker, clips[speaker] ?? samples, at) + bleed + noise
      }
      writer.write(block)
    }
    writer.finish()
  }
}
