import { blockLength, createBlock, type SoundBlock } from '../av/sound-block.ts'
import { TruePeaks } from './true-peaks.ts'

/** The gain moves over this time before a peak (5 ms), so that it is not heard as distortion. */
const LOOK_AHEAD_SAMPLES = 240
/** Afterwards it comes back with this time constant (80 ms). */
const RELEASE_SAMPLES = 3_840
const RELEASE_FACTOR = 1 / RELEASE_SAMPLES
/** Closer to 1 is 1. */
const RELEASED = 0.999_99

/**
 * Keeps true peaks (ITU-R BS.1770-5 annex 2) under a ceiling: the gain that each sample needs, the least of those within reach,
 * returning slowly, averaged over the look-ahead. The average of values none of which is larger than needed is not larger than needed. All channels alike.
 */
export class Limiter {
  /** Samples by which what comes out lies behind what goes in. */
  static readonly DELAY_SAMPLES = LOOK_AHEAD_SAMPLES + TruePeaks.DELAY_SAMPLES
  readonly #ceiling: number
  readonly #peaks: TruePeaks
  /** Sound that waits for its gain. */
  readonly #delayed: SoundBlock
  /** Needed gains within reach, as a queue of (place, gain) with rising gains: its head is the least (Lemire 2006). */
  readonly #queuePlaces = new Float64Array(LOOK_AHEAD_SAMPLES + 2)
  readonly #queueGains = new Float64Array(LOOK_AHEAD_SAMPLES + 2)
  #queueHead = 0
  #queueLength = 0
  readonly #averaged = new Float64Array(LOOK_AHEAD_SAMPLES).fill(1)
  #sum = LOOK_AHEAD_SAMPLES
  #held = 1
  #place = 0
  /** Samples since anything needed a gain. */
  #quietFor = 0

  /** @param ceiling as a factor of full scale */
  constructor(ceiling: number, channels: number) {
    this.#ceiling = ceiling
    this.#peaks = new TruePeaks(channels)
    this.#delayed = createBlock(channels, Limiter.DELAY_SAMPLES)
  }

  /** As many samples as went in, DELAY_SAMPLES late: a new block. */
  process(block: SoundBlock): SoundBlock {
    const count = blockLength(block)
    const joinedSound = this.#delayed.map((waiting, channel) => {
      const whole = new Float32Array(waiting.length + count)
      whole.set(waiting)
      whole.set(block[channel] as Float32Array, waiting.length)
      waiting.set(whole.subarray(count))
      return whole
    })
    const needed = this.#peaks.measure(block, this.#ceiling)
    const out = joinedSound.map((whole) => whole.subarray(0, count))
    if (needed === null && this.#quietFor >= this.#restSamples) {
      this.#place += count
      return out
    }
    this.#limit(out, needed)
    return out
  }

  /** After so long without a peak all gains are 1 again. */
  get #restSamples(): number {
    return 2 * LOOK_AHEAD_SAMPLES + RELEASE_SAMPLES * 16
  }

  #limit(out: SoundBlock, peaks: Float32Array | null): void {
    const count = blockLength(out)
    for (let i = 0; i < count; i++) {
      const peak = peaks ? (peaks[i] as number) : 0
      const needed = peak > this.#ceiling ? this.#ceiling / peak : 1
      this.#quietFor = needed < 1 ? 0 : this.#quietFor + 1
      const gain = this.#gain(needed)
      if (gain < 1) for (const samples of out) samples[i] = (samples[i] as number) * gain
    }
  }

  #gain(needed: number): number {
    const least = this.#leastWithinReach(needed)
    const released = this.#held + (1 - this.#held) * RELEASE_FACTOR
    this.#held = Math.min(least, released > RELEASED ? 1 : released)
    const slot = this.#place % LOOK_AHEAD_SAMPLES
    this.#sum += this.#held - (this.#averaged[slot] as number)
    this.#averaged[slot] = this.#held
    this.#place += 1
    // The running sum drifts by rounding.
    if (slot === 0) this.#sum = this.#averaged.reduce((sum, value) => sum + value, 0)
    return Math.min(1, this.#sum / LOOK_AHEAD_SAMPLES)
  }

  #leastWithinReach(needed: number): number {
    const size = this.#queuePlaces.length
    while (this.#queueLength > 0) {
      const last = (this.#queueHead + this.#queueLength - 1) % size
      if ((this.#queueGains[last] as number) < needed) break
      this.#queueLength -= 1
    }
    const end = (this.#queueHead + this.#queueLength) % size
    this.#queuePlaces[end] = this.#place
    this.#queueGains[end] = needed
    this.#queueLength += 1
    if ((this.#queuePlaces[this.#queueHead] as number) < this.#place - LOOK_AHEAD_SAMPLES) {
      this.#queueHead = (this.#queueHead + 1) % size
      this.#queueLength -= 1
    }
    return this.#queueGains[this.#queueHead] as number
  }
}
