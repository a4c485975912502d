import { TAPE_SAMPLE_RATE_HZ } from '../../../sfu-core/contract/tape.ts'
import { Resampler } from './resampler.ts'

/** A stretch of sound as it came from the microphone: a plane for each channel, of one length. */
export interface SoundBlock {
  readonly planes: readonly Float32Array[]
  readonly lengthSamples: number
  readonly rateHz: number
  /** When it was here, on the worker's monotonic clock. */
  readonly atMs: number
}

const FULL_SCALE = 2 ** 23
const LARGEST = FULL_SCALE - 1
const SMALLEST = -FULL_SCALE

/**
 * Brings sound to what a tape has: 48 kHz, one or two channels, 24 bit. What comes at 48 kHz in the tape's channels is rounded to
 * 24 bit and else left as it is. Buffers are used again: an answer is good until the next call.
 */
export class SampleIntake {
  readonly #channels: number
  #mixed: Float32Array[] = []
  #resamplers: Resampler[] = []
  #rateHz = TAPE_SAMPLE_RATE_HZ
  #samples = new Int32Array(0)

  constructor(channels: number) {
    this.#channels = channels
  }

  /** The block as interleaved samples; may be a little shorter or longer than the block where the rate is another. */
  take(block: SoundBlock): Int32Array {
    const planes = this.#inRate(this.#inChannels(block), block)
    const length = planes[0]?.length ?? 0
    const needed = length * this.#channels
    if (this.#samples.length < needed) this.#samples = new Int32Array(needed)
    for (const [channel, plane] of planes.entries())
      quantise(plane, this.#samples, { from: channel, step: this.#channels })
    return this.#samples.subarray(0, needed)
  }

  #inChannels({ planes, lengthSamples }: SoundBlock): Float32Array[] {
    const [left, right] = planes
    if (left === undefined) return []
    const one = left.subarray(0, lengthSamples)
    if (this.#channels === 2) return [one, (right ?? left).subarray(0, lengthSamples)]
    return [right === undefined ? one : this.#middle(one, right)]
  }

  #middle(left: Float32Array, right: Float32Array): Float32Array {
    const middle = this.#mixed[0]?.length === left.length ? this.#mixed[0] : new Float32Array(left.length)
    this.#mixed = [middle]
    for (let i = 0; i < left.length; i += 1) middle[i] = ((left[i] ?? 0) + (right[i] ?? 0)) / 2
    return middle
  }

  #inRate(planes: Float32Array[], { rateHz }: SoundBlock): Float32Array[] {
    if (rateHz !== this.#rateHz) {
      this.#rateHz = rateHz
      this.#resamplers = rateHz === TAPE_SAMPLE_RATE_HZ ? [] : planes.map(() => new Resampler(rateHz))
    }
    if (this.#resamplers.length === 0) return planes
    return planes.map((plane, channel) => this.#resamplers[channel]?.take(plane) ?? plane)
  }
}

/** Rounds to 24 bit; what is beyond full scale is cut off, as any converter does. */
function quantise(plane: Float32Array, target: Int32Array, { from, step }: { from: number; step: number }): void {
  let at = from
  for (let i = 0; i < plane.length; i += 1) {
    const value = Math.round((plane[i] ?? 0) * FULL_SCALE)
    target[at] = value > LARGEST ? LARGEST : value < SMALLEST ? SMALLEST : value
    at += step
  }
}
