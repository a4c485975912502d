import { createBlock, type SoundBlock } from '../av/sound-block.ts'
import type { SoundReader } from '../av/sound-reader.ts'
import { type GoodChunk, openChunk } from './tape-chunks.ts'

/** Reads a tape's samples by their number, from its chunks; zeros where there is none. Quick as long as it goes forward. */
export class TapeReader implements Disposable {
  readonly #chunks: readonly GoodChunk[]
  readonly #channels: number
  #chunk: GoodChunk | null = null
  #reader: SoundReader | null = null
  /** The sample that the open chunk delivers next. */
  #at = 0

  /** `chunks` in order, not overlapping. */
  constructor(chunks: readonly GoodChunk[], channels: number) {
    this.#chunks = chunks
    this.#channels = channels
  }

  /** @throws where a chunk that could be read before cannot be read any more. */
  read(firstSample: number, count: number): SoundBlock {
    const block = createBlock(this.#channels, count)
    const endSample = firstSample + count
    for (let i = this.#indexFrom(firstSample); i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i]
      if (!chunk || chunk.firstSample >= endSample) break
      const from = Math.max(firstSample, chunk.firstSample)
      const length = Math.min(endSample, chunk.endSample) - from
      if (this.#readerAt(chunk, from).readInto(block, from - firstSample, length) < length) {
        throw new Error(`${chunk.file} has become shorter`)
      }
      this.#at += length
    }
    return block
  }

  /** The first chunk that ends behind `sample`: by halving, a tape of hours has thousands. */
  #indexFrom(sample: number): number {
    let [low, high] = [0, this.#chunks.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#chunks[middle]?.endSample ?? 0) > sample) high = middle
      else low = middle + 1
    }
    return low
  }

  #readerAt(chunk: GoodChunk, sample: number): SoundReader {
    if (this.#chunk !== chunk || !this.#reader || this.#at > sample) {
      this.close()
      this.#chunk = chunk
      this.#reader = openChunk(chunk.file)
      this.#at = chunk.firstSample
    }
    this.#reader.skip(sample - this.#at)
    this.#at = sample
    return this.#reader
  }

  close(): void {
    this.#reader?.close()
    this.#reader = null
    this.#chunk = null
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
