import type { SoundBlock } from '../av/sound-block.ts'

/** One pair of bytes for so much sound. */
export const PEAK_SAMPLES = 960
const FULL_SCALE = 127

/**
 * What a track looks like: for each 20 ms its quietest (most negative) and loudest (most positive) sample of all channels, as
 * signed bytes: minimum, maximum, minimum, ... Nothing else is in the file: 100 bytes for a second.
 */
export class PeakMeter {
  readonly #pairs: Int8Array
  #pairCount = 0
  #filled = 0
  #low = 0
  #high = 0

  constructor(lengthSamples: number) {
    this.#pairs = new Int8Array(2 * Math.ceil(lengthSamples / PEAK_SAMPLES))
  }

  add(block: SoundBlock): void {
    const count = block[0]?.length ?? 0
    for (let from = 0; from < count; ) {
      const to = Math.min(count, from + PEAK_SAMPLES - this.#filled)
      for (const samples of block) this.#look(samples, from, to)
      this.#filled += to - from
      from = to
      if (this.#filled === PEAK_SAMPLES) this.#push()
    }
  }

  #look(samples: Float32Array, from: number, to: number): void {
    let low = this.#low
    let high = this.#high
    for (let i = from; i < to; i++) {
      const sample = samples[i] ?? 0
      if (sample < low) low = sample
      else if (sample > high) high = sample
    }
    this.#low = low
    this.#high = high
  }

  #push(): void {
    this.#pairs[this.#pairCount * 2] = Math.max(-FULL_SCALE, Math.round(this.#low * FULL_SCALE))
    this.#pairs[this.#pairCount * 2 + 1] = Math.min(FULL_SCALE, Math.round(this.#high * FULL_SCALE))
    this.#pairCount += 1
    this.#filled = 0
    this.#low = 0
    this.#high = 0
  }

  /** The file's content, once all is added. */
  finish(): Int8Array {
    if (this.#filled > 0) this.#push()
    return this.#pairs
  }
}
