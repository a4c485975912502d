import { createBlock, type SoundBlock } from '../av/sound-block.ts'
import { type PiecePlace, toTape } from './lay-tape.ts'
import { KERNEL_HALF_SAMPLES, resample } from './resample.ts'
import type { TapeReader } from './tape-reader.ts'

/** A tape's sound by the track's samples: as it is where there is nothing to correct, else resampled to the take's clock. */
export class TapeSound {
  readonly #reader: TapeReader
  readonly #channels: number
  /** What was read last: resampling needs some of it again. */
  #kept: { firstSample: number; block: SoundBlock } = { firstSample: 0, block: [] }

  constructor(reader: TapeReader, channels: number) {
    this.#reader = reader
    this.#channels = channels
  }

  read(place: PiecePlace, from: number, count: number): SoundBlock {
    if (place.shift !== null) return this.#reader.read(from - place.shift, count)
    const made = createBlock(this.#channels, count)
    for (let done = 0; done < count; ) {
      const { tape, step, until } = toTape(place, from + done)
      const part = Math.min(count - done, until - from - done)
      const block = this.#resampled(tape, step, part)
      for (const [channel, samples] of made.entries()) samples.set(block[channel] ?? samples, done)
      done += part
    }
    return made
  }

  #resampled(tape: number, step: number, count: number): SoundBlock {
    const firstSample = Math.floor(tape) - KERNEL_HALF_SAMPLES
    const endSample = Math.floor(tape + step * (count - 1)) + KERNEL_HALF_SAMPLES + 2
    const input = this.#readWithKept(firstSample, endSample)
    return resample(input, { first: tape - firstSample, step, count })
  }

  #readWithKept(firstSample: number, endSample: number): SoundBlock {
    const { firstSample: keptFirst, block: kept } = this.#kept
    const keptEnd = keptFirst + (kept[0]?.length ?? 0)
    const isUsable = firstSample >= keptFirst && firstSample < keptEnd && endSample >= keptEnd
    const from = isUsable ? keptEnd : firstSample
    const read = this.#reader.read(from, endSample - from)
    const block = isUsable ? read.map((samples, i) => concat(kept[i], firstSample - keptFirst, samples)) : read
    this.#kept = { firstSample, block }
    return block
  }
}

function concat(before: Float32Array | undefined, from: number, after: Float32Array): Float32Array {
  const head = before?.subarray(from) ?? new Float32Array(0)
  const whole = new Float32Array(head.length + after.length)
  whole.set(head)
  whole.set(after, head.length)
  return whole
}
