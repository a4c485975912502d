import { blockLength, type SoundBlock } from '../av/sound-block.ts'
import { K_LOW_CUT, K_SHELF } from './biquad.ts'
import { powerToDb } from './decibels.ts'
import { GrowingFloats } from './growing-floats.ts'

/** Loudness is kept in frames of 10 ms: fine enough for words, and whole numbers of them make BS.1770's blocks. */
export const FRAME_SAMPLES = 480
export const FRAMES_PER_S = 100

/** ITU-R BS.1770-5: the offset that makes a 997 Hz sine of 0 dBFS in one channel -3.01 LUFS. */
const OFFSET_LUFS = -0.691
/** BS.1770-5 annex 1: blocks of 400 ms that begin each 100 ms; quieter ones than -70 LUFS do not count, nor those 10 LU below the mean of the others. */
const BLOCK_FRAMES = 40
const BLOCK_STEP_FRAMES = 10
export const ABSOLUTE_GATE_LUFS = -70
const RELATIVE_GATE_LU = -10

export function powerToLufs(power: number): number {
  return OFFSET_LUFS + powerToDb(power)
}

export function lufsToPower(lufs: number): number {
  return 10 ** ((lufs - OFFSET_LUFS) / 10)
}

/** K-weighted power and sample peak of each frame. */
export interface LoudnessFrames {
  powers: Float32Array<ArrayBuffer>
  peaks: Float32Array<ArrayBuffer>
}

/** The same sound with `factor` times the power. */
export function withPower(frames: LoudnessFrames, factor: number): LoudnessFrames {
  return factor === 1 ? frames : { ...frames, powers: frames.powers.map((power) => power * factor) }
}

/** State of both K filters of a channel, in one loop: this runs over every sample of every track. */
class WeightedChannel {
  readonly #state = new Float64Array(4)

  /** Sum of squares of the weighted samples. */
  energy(samples: Float32Array, from: number, to: number): number {
    const state = this.#state
    const { b0, b1, b2, a1, a2 } = K_SHELF
    const { a1: c1, a2: c2 } = K_LOW_CUT
    let [p1, p2, q1, q2] = state as unknown as [number, number, number, number]
    let sum = 0
    for (let i = from; i < to; i++) {
      const x = samples[i] as number
      const y = b0 * x + p1
      p1 = b1 * x - a1 * y + p2
      p2 = b2 * x - a2 * y
      const z = y + q1
      q1 = -2 * y - c1 * z + q2
      q2 = y - c2 * z
      sum += z * z
    }
    state[0] = p1
    state[1] = p2
    state[2] = q1
    state[3] = q2
    return sum
  }
}

function peakOf(samples: Float32Array, from: number, to: number): number {
  let peak = 0
  for (let i = from; i < to; i++) {
    const size = Math.abs(samples[i] as number)
    if (size > peak) peak = size
  }
  return peak
}

/** Measures a stream of blocks. The power of a frame is the sum over the channels (BS.1770-5: weights of 1 for left, right and centre). */
export class LoudnessMeter {
  readonly #channels: WeightedChannel[]
  readonly #powers = new GrowingFloats()
  readonly #peaks = new GrowingFloats()
  #energy = 0
  #peak = 0
  #filled = 0

  constructor(channels: number) {
    this.#channels = Array.from({ length: channels }, () => new WeightedChannel())
  }

  add(block: SoundBlock): void {
    const count = blockLength(block)
    for (let from = 0; from < count; ) {
      const to = Math.min(count, from + FRAME_SAMPLES - this.#filled)
      for (const [index, channel] of this.#channels.entries()) {
        const samples = block[index]
        if (!samples) continue
        this.#energy += channel.energy(samples, from, to)
        this.#peak = Math.max(this.#peak, peakOf(samples, from, to))
      }
      this.#filled += to - from
      from = to
      if (this.#filled === FRAME_SAMPLES) this.#endFrame()
    }
  }

  #endFrame(): void {
    this.#powers.push(this.#energy / FRAME_SAMPLES)
    this.#peaks.push(this.#peak)
    this.#energy = 0
    this.#peak = 0
    this.#filled = 0
  }

  /** The last frame is completed by silence. */
  finish(): LoudnessFrames {
    if (this.#filled > 0) this.#endFrame()
    return { powers: this.#powers.toArray(), peaks: this.#peaks.toArray() }
  }
}

function blockPowers(powers: ArrayLike<number>): Float64Array {
  const blocks = Math.floor((powers.length - BLOCK_FRAMES) / BLOCK_STEP_FRAMES) + 1
  const means = new Float64Array(Math.max(0, blocks))
  for (let block = 0; block < means.length; block++) {
    let sum = 0
    for (let i = 0; i < BLOCK_FRAMES; i++) sum += powers[block * BLOCK_STEP_FRAMES + i] as number
    means[block] = sum / BLOCK_FRAMES
  }
  return means
}

/** Mean of those at or above the gate; 0 where none is. */
function meanAbove(values: ArrayLike<number>, gate: number): number {
  let sum = 0
  let count = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (value < gate) continue
    sum += value
    count += 1
  }
  return count > 0 ? sum / count : 0
}

/** Integrated loudness of blocks' powers, by both gates of BS.1770-5. -Infinity where all is silence. */
export function gatedLufs(blocks: ArrayLike<number>): number {
  const absoluteGate = lufsToPower(ABSOLUTE_GATE_LUFS)
  const ungated = meanAbove(blocks, absoluteGate)
  const relativeGate = ungated * 10 ** (RELATIVE_GATE_LU / 10)
  return powerToLufs(meanAbove(blocks, Math.max(absoluteGate, relativeGate)))
}

/** Integrated loudness of frames' powers. What is shorter than a block is taken as one. -Infinity where all is silence. */
export function integratedLufs(powers: ArrayLike<number>): number {
  if (powers.length >= BLOCK_FRAMES) return gatedLufs(blockPowers(powers))
  return gatedLufs([meanAbove(powers, 0)])
}
