import { TAPE_BITS_PER_SAMPLE, TAPE_SAMPLE_RATE_HZ } from '../../../sfu-core/contract/tape.ts'
import { type Flac, loadFlac } from './flac-codec.ts'

/** libFLAC's default. With verification 8 ms for 4 s of mono; level 8 takes 25 ms and saves 0.4 %. */
const COMPRESSION_LEVEL = 5
const BLOCK_SAMPLES_COUNT = 4_096

/** The part of STREAMINFO that is known only at the end. */
export interface StreamFacts {
  readonly min_framesize: number
  readonly max_framesize: number
  readonly total_samples: number
  /** Hexadecimal. */
  readonly md5sum: string
}

/** One FLAC stream that is being written (RFC 9639), 24 bit at 48 kHz. libFLAC decodes each frame again and compares (`verify`). */
export class FlacStream {
  readonly #flac: Flac
  readonly #encoder: number
  readonly #channels: number
  #pieces: Uint8Array[] = []
  #facts: StreamFacts | null = null
  #isOpen = true

  private constructor(flac: Flac, channels: number, sampleCount: number) {
    this.#flac = flac
    this.#channels = channels
    this.#encoder = flac.create_libflac_encoder(
      TAPE_SAMPLE_RATE_HZ,
      channels,
      TAPE_BITS_PER_SAMPLE,
      COMPRESSION_LEVEL,
      sampleCount,
      true,
      BLOCK_SAMPLES_COUNT,
    )
    if (this.#encoder === 0) throw new Error('libFLAC gave no encoder')
    const state = flac.init_encoder_stream(
      this.#encoder,
      (data) => void this.#pieces.push(data.slice()),
      (metadata) => {
        this.#facts = metadata ?? null
      },
    )
    if (state !== 0) throw new Error(`libFLAC did not begin: ${state}`)
  }

  /** `sampleCount`: of each channel, in all. @throws Error where libFLAC cannot be loaded */
  static async open(channels: number, sampleCount: number): Promise<FlacStream> {
    return new FlacStream(await loadFlac(), channels, sampleCount)
  }

  /** Known after the end. */
  get facts(): StreamFacts | null {
    return this.#facts
  }

  /** Interleaved 24-bit samples. @throws Error also where the encoded sound is another */
  write(samples: Int32Array<ArrayBuffer>): void {
    const count = samples.length / this.#channels
    if (!this.#flac.FLAC__stream_encoder_process_interleaved(this.#encoder, samples, count)) throw this.#failure()
  }

  end(): void {
    if (!this.#flac.FLAC__stream_encoder_finish(this.#encoder)) throw this.#failure()
  }

  /** What has come out since the last time. */
  taken(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#pieces.reduce((sum, piece) => sum + piece.length, 0))
    let at = 0
    for (const piece of this.#pieces) {
      all.set(piece, at)
      at += piece.length
    }
    this.#pieces = []
    return all
  }

  /** Gives libFLAC's memory back. Idempotent. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#flac.FLAC__stream_encoder_delete(this.#encoder)
  }

  #failure(): Error {
    return new Error(`libFLAC failed: ${this.#flac.FLAC__stream_encoder_get_state(this.#encoder)}`)
  }
}
