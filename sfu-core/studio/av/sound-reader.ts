import {
  AV_CODEC_ID_OPUS,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
  AVSEEK_FLAG_BACKWARD,
  FF_DECODER_LIBOPUS,
} from 'node-av/constants'
import { Codec, CodecContext, FFmpegError, FormatContext, Frame, Packet, type Stream } from 'node-av/lib'
import { copyFrame } from './frame-samples.ts'
import { createBlock, type SoundBlock } from './sound-block.ts'

/**
 * What may be opened. Nothing else is: FFmpeg's playlists and scripts (HLS, concat) open further files and addresses, and
 * recognises them by their content, whatever the file is called.
 */
const READABLE_FORMATS = 'flac,ogg,wav,mp3,aac,mov,aiff,matroska'

export interface SoundReaderOptions {
  /** FFmpeg's short names of the formats that the file may have, separated by commas; READABLE_FORMATS unless told. */
  formats?: string
}

/**
 * How long before the place asked for decoding begins. RFC 7845 §4.6 asks for 80 ms with Opus; what remains
 * of the difference after 250 ms is below -60 dB. MP3 and AAC need less. FFmpeg's
 * FLAC reader finds no place in the last packets of a file: there it is tried from further ahead.
 */
const SEEK_AHEADS_S = [0.25, 2, 60, Number.POSITIVE_INFINITY]

/**
 * Reads a sound file block by block, synchronously, at the file's own rate. Memory: one frame. Everything native is freed by
 * `close`.
 */
export class SoundReader implements Disposable {
  readonly sampleRateHz: number
  readonly channels: number
  /** Of FLAC and WAV; 0 where the format has none. */
  readonly bitsPerSample: number
  /** As the file says, in samples; null where it does not. Not to be trusted: a torn file is shorter. */
  readonly lengthSamples: number | null
  readonly #input: FormatContext
  readonly #stream: Stream
  readonly #decoder: CodecContext
  readonly #packet = new Packet()
  readonly #frame = new Frame()
  readonly #timeBaseS: number
  /** What of the decoded frame has not been read yet: from there up to its end. */
  #frameFrom = 0
  #frameEnd = 0
  /** Everything before this place is dropped; null: no place was asked for. */
  #seekTo: number | null = null
  #isEnding = false
  #isClosed = false

  /** @throws FFmpegError where the file cannot be opened, is of another format, or has no sound. */
  constructor(file: string, options: SoundReaderOptions = {}) {
    this.#input = new FormatContext()
    this.#decoder = new CodecContext()
    this.#packet.alloc()
    this.#frame.alloc()
    try {
      this.#stream = this.#open(file, options.formats ?? READABLE_FORMATS)
      this.#openDecoder()
    } catch (error) {
      this.close()
      throw error
    }
    this.sampleRateHz = this.#decoder.sampleRate
    this.channels = this.#decoder.channels
    this.bitsPerSample = this.#decoder.bitsPerRawSample
    this.#timeBaseS = this.#stream.timeBase.num / this.#stream.timeBase.den
    const length = Number(this.#stream.duration) * this.#timeBaseS * this.sampleRateHz
    this.lengthSamples = length > 0 ? Math.round(length) : null
  }

  #open(file: string, formats: string): Stream {
    this.#input.allocContext()
    FFmpegError.throwIfError(this.#input.setOption('format_whitelist', formats), 'format_whitelist')
    FFmpegError.throwIfError(this.#input.setOption('protocol_whitelist', 'file'), 'protocol_whitelist')
    FFmpegError.throwIfError(this.#input.openInputSync(`file:${file}`), `open ${file}`)
    const isFlac = this.#input.iformat?.name === 'flac'
    // FLAC's header says all there is to know, and reading ahead costs more than opening.
    if (!isFlac) FFmpegError.throwIfError(this.#input.findStreamInfoSync(), 'findStreamInfo')
    const index = isFlac ? 0 : this.#input.findBestStream(AVMEDIA_TYPE_AUDIO)
    const stream = this.#input.streams[index]
    if (index < 0 || !stream) throw new Error(`${file} has no sound`)
    return stream
  }

  #openDecoder(): void {
    const parameters = this.#stream.codecpar
    const isOpus = parameters.codecId === AV_CODEC_ID_OPUS
    const codec = isOpus ? Codec.findDecoderByName(FF_DECODER_LIBOPUS) : Codec.findDecoder(parameters.codecId)
    if (!codec) throw new Error('no decoder for this sound')
    const decoder = this.#decoder
    decoder.allocContext3(codec)
    FFmpegError.throwIfError(decoder.parametersToContext(parameters), 'parametersToContext')
    decoder.pktTimebase = this.#stream.timeBase
    decoder.threadCount = 1
    FFmpegError.throwIfError(decoder.open2Sync(codec), 'open2')
    // A text named .flac is opened as FLAC, by its name alone.
    if (decoder.sampleRate <= 0 || decoder.channels <= 0) throw new Error('the file has no sound')
  }

  /**
   * The next samples as they come from the decoder (some thousands); null at the end.
   * @throws FFmpegError where the file is damaged there; the next call goes on behind it.
   */
  read(): SoundBlock | null {
    if (!this.#hasFrame()) return null
    const count = this.#frameEnd - this.#frameFrom
    const block = createBlock(this.channels, count)
    this.#take(block, 0, count)
    return block
  }

  /** Fills `target` from `from` on, with `count` samples or as many as there are; says how many. @throws as `read`. */
  readInto(target: SoundBlock, from: number, count: number): number {
    let filled = 0
    while (filled < count && this.#hasFrame()) {
      const taken = Math.min(this.#frameEnd - this.#frameFrom, count - filled)
      this.#take(target, from + filled, taken)
      filled += taken
    }
    return filled
  }

  /** Decodes `count` samples, or as many as there are, for nobody; says how many. @throws as `read`. */
  skip(count: number): number {
    let skipped = 0
    while (skipped < count && this.#hasFrame()) {
      const taken = Math.min(this.#frameEnd - this.#frameFrom, count - skipped)
      this.#frameFrom += taken
      skipped += taken
    }
    return skipped
  }

  #take(target: SoundBlock, to: number, count: number): void {
    copyFrame(this.#frame, target, { from: this.#frameFrom, count, to })
    this.#frameFrom += count
  }

  /** The next sample read is the `sample`th of the file. @throws FFmpegError where the file cannot be sought in. */
  seek(sample: number): void {
    const wantedS = sample / this.sampleRateHz + this.#firstS
    let result = 0
    for (const aheadS of SEEK_AHEADS_S) {
      const timestamp = BigInt(Math.floor(Math.max(0, wantedS - aheadS) / this.#timeBaseS))
      result = this.#input.seekFrameSync(this.#stream.index, timestamp, AVSEEK_FLAG_BACKWARD)
      if (result >= 0) break
    }
    FFmpegError.throwIfError(result, 'seek')
    this.#decoder.flushBuffers()
    this.#frameEnd = this.#frameFrom
    this.#isEnding = false
    this.#seekTo = sample
  }

  /** Where the file's own clock begins: some formats begin late. */
  get #firstS(): number {
    const start = Number(this.#stream.startTime)
    // AV_NOPTS_VALUE is the smallest of all.
    return start > 0 ? start * this.#timeBaseS : 0
  }

  /** Decodes the next frame where the last one is read out; false at the end. */
  #hasFrame(): boolean {
    while (this.#frameFrom >= this.#frameEnd) {
      const result = this.#decoder.receiveFrameSync(this.#frame)
      if (result === AVERROR_EOF) return false
      if (result === AVERROR_EAGAIN) {
        this.#feed()
        continue
      }
      FFmpegError.throwIfError(result, 'decode')
      this.#frameFrom = Math.max(0, this.#early())
      this.#frameEnd = this.#frame.nbSamples
    }
    return true
  }

  #feed(): void {
    if (this.#isEnding) throw new Error('the decoder asks for more than there is')
    const result = this.#readPacket()
    if (result === AVERROR_EOF) {
      this.#isEnding = true
      this.#decoder.sendPacketSync(null)
      return
    }
    try {
      FFmpegError.throwIfError(result, 'read')
      FFmpegError.throwIfError(this.#decoder.sendPacketSync(this.#packet), 'decode')
    } finally {
      this.#packet.unref()
    }
  }

  #readPacket(): number {
    for (;;) {
      const result = this.#input.readFrameSync(this.#packet)
      if (result < 0 || this.#packet.streamIndex === this.#stream.index) return result
      this.#packet.unref()
    }
  }

  /** After `seek`: how much of the frame lies before the place. */
  #early(): number {
    if (this.#seekTo === null) return 0
    const at = Math.round((Number(this.#frame.pts) * this.#timeBaseS - this.#firstS) * this.sampleRateHz)
    const early = this.#seekTo - at
    if (early < this.#frame.nbSamples) this.#seekTo = null
    return early
  }

  /** Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#frame.free()
    this.#packet.free()
    this.#decoder.freeContext()
    this.#input.closeInputSync()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
