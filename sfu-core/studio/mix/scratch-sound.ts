import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { blockLength, type SoundBlock, sliceBlock } from '../av/sound-block.ts'

/** Samples of a channel that lie together in the file. */
const CHUNK_SAMPLES = 48_000

function planesOf(memory: Float32Array, channels: number): Float32Array[] {
  return Array.from({ length: channels }, (_, i) => memory.subarray(i * CHUNK_SAMPLES, (i + 1) * CHUNK_SAMPLES))
}

/**
 * Sound on its way, in a file: 32-bit floats, so that nothing clips before the loudness is known. Written once from beginning to
 * end, then read as often as wanted. Removed by `close`.
 */
export class ScratchSound implements Disposable {
  readonly channels: number
  readonly #file: string
  readonly #handle: number
  readonly #chunk: Float32Array[]
  readonly #memory: Float32Array<ArrayBuffer>
  #filled = 0
  #lengthSamples = 0
  #isClosed = false

  /** @throws system errors, as ENOSPC. */
  constructor(file: string, channels: number) {
    this.channels = channels
    this.#file = file
    this.#handle = openSync(file, 'w+')
    this.#memory = new Float32Array(channels * CHUNK_SAMPLES)
    this.#chunk = planesOf(this.#memory, channels)
  }

  get lengthSamples(): number {
    return this.#lengthSamples + this.#filled
  }

  /** @throws system errors, as ENOSPC. */
  write(block: SoundBlock): void {
    for (let from = 0; from < blockLength(block); ) {
      const taken = Math.min(blockLength(block) - from, CHUNK_SAMPLES - this.#filled)
      for (const [channel, samples] of this.#chunk.entries()) {
        samples.set((block[channel] ?? (block[0] as Float32Array)).subarray(from, from + taken), this.#filled)
      }
      from += taken
      this.#filled += taken
      if (this.#filled === CHUNK_SAMPLES) this.#flush()
    }
  }

  #flush(): void {
    const bytes = new Uint8Array(this.#memory.buffer)
    const at = (this.#lengthSamples / CHUNK_SAMPLES) * bytes.length
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#handle, bytes, done, bytes.length - done, at + done)
    }
    this.#lengthSamples += this.#filled
    this.#filled = 0
  }

  /** From the beginning, in blocks of a second. Ends the writing. A block is valid until the next. */
  *blocks(): Generator<SoundBlock> {
    if (this.#filled > 0) this.#flush()
    const memory = new Float32Array(this.channels * CHUNK_SAMPLES)
    const bytes = new Uint8Array(memory.buffer)
    const block = planesOf(memory, this.channels)
    for (let at = 0, chunk = 0; at < this.#lengthSamples; at += CHUNK_SAMPLES, chunk++) {
      for (let done = 0; done < bytes.length; ) {
        const read = readSync(this.#handle, bytes, done, bytes.length - done, chunk * bytes.length + done)
        if (read === 0) throw new Error('scratch file is shorter than what was written')
        done += read
      }
      yield sliceBlock(block, 0, Math.min(CHUNK_SAMPLES, this.#lengthSamples - at))
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    closeSync(this.#handle)
    rmSync(this.#file, { force: true })
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
