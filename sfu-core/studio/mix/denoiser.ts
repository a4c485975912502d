import { createBlock, type SoundBlock } from '../av/sound-block.ts'
import { fromDb } from './decibels.ts'
import {
  BINS_BYTES,
  CHANNEL_BYTES,
  CHANNELS_AT,
  GROUPS_AT,
  HALF,
  INVERSE_NOISE_AT,
  LAST_AT,
  NEXT_AT,
  OVERLAP_AT,
  REAL_COS_AT,
  REAL_SIN_AT,
  RESULT_AT,
  SPEECH_AT,
  STAGE_COS_AT,
  STAGE_SIN_AT,
  WINDOW_AT,
} from './kernel/layout.ts'
import { createDenoiseKernel, type DenoiseKernel } from './kernel/load-kernel.ts'
import type { NoiseProfile } from './noise-profile.ts'
import { STFT_HOP, STFT_SIZE, STFT_WINDOW } from './stft.ts'

/** No more than this is taken away anywhere: what remains of the room masks what a stronger filter would do to the voice. */
const REDUCTION_MAX_DB = 10
const GAIN_MIN = fromDb(-REDUCTION_MAX_DB)
/** Profiles come from the quietest moments; the noise is on average a little louder. */
const NOISE_BIAS = 1.5
/** Ephraim and Malah 1984, eq. 51: how much of the last frame's estimate is kept. It is what prevents musical tones. */
const SMOOTHING = 0.94
/** Power of a profile (sum over the bins of a windowed frame) below which there is nothing to reduce: -85 dBFS. */
const NOISE_IGNORED = 10 ** (-85 / 10) * STFT_SIZE * STFT_SIZE
/** A bin without noise has this much: its inverse must be a number. */
const NOISE_LEAST = 1e-12

/** Writes what the transform multiplies by. */
function fillTables(memory: ArrayBuffer): void {
  const floats = (at: number, length: number) => new Float32Array(memory, at, length)
  const stageCos = floats(STAGE_COS_AT, HALF - 4)
  const stageSin = floats(STAGE_SIN_AT, HALF - 4)
  for (let size = 8, at = 0; size <= HALF; at += size / 2, size *= 2) {
    for (let k = 0; k < size / 2; k++) {
      stageCos[at + k] = Math.cos((2 * Math.PI * k) / size)
      stageSin[at + k] = Math.sin((2 * Math.PI * k) / size)
    }
  }
  const bins = HALF / 2 + 4
  floats(REAL_COS_AT, bins).set(Float32Array.from({ length: bins }, (_, k) => Math.cos((2 * Math.PI * k) / STFT_SIZE)))
  floats(REAL_SIN_AT, bins).set(Float32Array.from({ length: bins }, (_, k) => Math.sin((2 * Math.PI * k) / STFT_SIZE)))
  floats(WINDOW_AT, STFT_SIZE).set(STFT_WINDOW)
  const groups = new Uint32Array(memory, GROUPS_AT, HALF / 4)
  for (let i = 0; i < groups.length; i++) groups[i] = reversedBits(i, Math.log2(groups.length)) * 16
}

function reversedBits(value: number, bits: number): number {
  let reversed = 0
  for (let bit = 0; bit < bits; bit++) if ((value >> bit) & 1) reversed |= 1 << (bits - 1 - bit)
  return reversed
}

/**
 * Wiener filter with the decision-directed estimate of the signal to noise ratio. The noise is known beforehand (noise-profile.ts), so
 * nothing has to be guessed while somebody speaks. Stereo channels get the same gains. What comes out lies exactly where it was. The
 * arithmetic is WebAssembly (kernel/): an hour takes some 4 s, FFmpeg's afftdn 25 s, the same in JavaScript 20 s.
 */
export class Denoiser {
  readonly #kernel: DenoiseKernel
  readonly #channels: number
  readonly #next: SoundBlock
  readonly #result: SoundBlock
  readonly #inverseNoise: Float32Array
  /** Everything that is remembered of earlier hops. */
  readonly #memories: Float32Array[]
  #profile: NoiseProfile | null = null
  #isProfileLoud = false
  #silentHops = 0

  /** @param channels 1 or 2 */
  constructor(channels: number) {
    const { kernel, memory } = createDenoiseKernel()
    fillTables(memory)
    const areas = (at: number) => {
      return createBlock(channels, 0).map(
        (_, i) => new Float32Array(memory, CHANNELS_AT + i * CHANNEL_BYTES + at, STFT_HOP),
      )
    }
    this.#kernel = kernel
    this.#channels = channels
    this.#next = areas(NEXT_AT)
    this.#result = areas(RESULT_AT)
    this.#inverseNoise = new Float32Array(memory, INVERSE_NOISE_AT, BINS_BYTES / 4)
    this.#memories = [...areas(LAST_AT), ...areas(OVERLAP_AT), new Float32Array(memory, SPEECH_AT, BINS_BYTES / 4)]
  }

  /** Forgets what was heard. */
  reset(): void {
    for (const area of this.#memories) area.fill(0)
    this.#silentHops = 0
  }

  /**
   * Takes the next STFT_HOP samples; answers with those before them, valid until the next call.
   * `profile`: the noise there; null: nothing is reduced.
   */
  push(hop: SoundBlock, profile: NoiseProfile | null): SoundBlock {
    this.#takeProfile(profile)
    for (const [channel, samples] of this.#next.entries()) samples.set(hop[channel] ?? samples)
    this.#silentHops = hop.every(isAllZero) ? this.#silentHops + 1 : 0
    // Two silent hops push out what was heard before; then there is nothing to do.
    if (this.#silentHops > 2) for (const samples of this.#result) samples.fill(0)
    else if (this.#isProfileLoud) this.#kernel.reduce(this.#channels, SMOOTHING, GAIN_MIN)
    else this.#kernel.pass(this.#channels)
    return this.#result
  }

  #takeProfile(profile: NoiseProfile | null): void {
    if (profile === this.#profile) return
    this.#profile = profile
    this.#isProfileLoud = profile !== null && profile.reduce((sum, power) => sum + power, 0) > NOISE_IGNORED
    if (profile)
      for (const [bin, power] of profile.entries()) this.#inverseNoise[bin] = 1 / (power * NOISE_BIAS + NOISE_LEAST)
  }
}

function isAllZero(samples: Float32Array): boolean {
  for (let i = 0; i < samples.length; i++) if (samples[i] !== 0) return false
  return true
}
