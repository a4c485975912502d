import { TAPE_CHUNK_MARKS_COUNT, TAPE_CHUNK_SYNCS_COUNT } from '../../../sfu-core/contract/limits.ts'
import type { CaptureMark, CaptureNote, ClockSync } from '../../../sfu-core/contract/tape.ts'
import { CHUNK_SAMPLES_COUNT } from './limits.ts'

/** A chunk that is being filled. */
export class ChunkDraft {
  readonly index: number
  readonly firstSample: number
  readonly marks: CaptureMark[] = []
  readonly syncs: ClockSync[] = []
  readonly notes: CaptureNote[] = []
  readonly #channels: number
  readonly #samples: Int32Array<ArrayBuffer>
  #sampleCount = 0

  constructor({ index, firstSample, channels }: { index: number; firstSample: number; channels: number }) {
    this.index = index
    this.firstSample = firstSample
    this.#channels = channels
    this.#samples = new Int32Array(CHUNK_SAMPLES_COUNT * channels)
  }

  /** Of each channel. */
  get sampleCount(): number {
    return this.#sampleCount
  }

  get roomSamples(): number {
    return CHUNK_SAMPLES_COUNT - this.#sampleCount
  }

  /** Interleaved. */
  get samples(): Int32Array<ArrayBuffer> {
    return this.#samples.subarray(0, this.#sampleCount * this.#channels)
  }

  /** Interleaved samples, no more than there is room for. */
  add(samples: Int32Array): void {
    this.#samples.set(samples, this.#sampleCount * this.#channels)
    this.#sampleCount += samples.length / this.#channels
  }

  addMark(mark: CaptureMark): void {
    if (this.marks.length < TAPE_CHUNK_MARKS_COUNT) this.marks.push(mark)
  }

  addSync(sync: ClockSync): void {
    if (this.syncs.length < TAPE_CHUNK_SYNCS_COUNT) this.syncs.push(sync)
  }

  addNote(note: CaptureNote): void {
    if (this.notes.length < TAPE_CHUNK_SYNCS_COUNT) this.notes.push(note)
  }
}

/** A chunk's sound with its header's words: from a draft, or from the journal of a page that died. */
export interface ChunkSound {
  readonly index: number
  readonly firstSample: number
  /** Interleaved. */
  readonly samples: Int32Array<ArrayBuffer>
  readonly marks: readonly CaptureMark[]
  readonly syncs: readonly ClockSync[]
  readonly notes: readonly CaptureNote[]
}
