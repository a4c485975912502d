import { rmSync } from 'node:fs'
import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S32,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVFMT_GLOBALHEADER,
  AVIO_FLAG_WRITE,
  FF_ENCODER_FLAC,
  type FFAudioEncoder,
} from 'node-av/constants'
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame,
  IOContext,
  Packet,
  Rational,
} from 'node-av/lib'
import { blockToBytes, type WrittenFormat } from './frame-samples.ts'
import { blockLength, createBlock, type SoundBlock, STUDIO_RATE_HZ, sliceBlock } from './sound-block.ts'

/** How a file is made: FFmpeg's names of muxer and encoder. */
export interface SoundEncoding {
  muxer: string
  encoder: FFAudioEncoder
  format: WrittenFormat
  /** Lossless ones have none. */
  bitrateBps?: number
  /** The encoder's own options. */
  options?: Record<string, string>
  muxerOptions?: Record<string, string>
}

/**
 * 24 bits. Level 5 of 12 is FFmpeg's own choice: on an hour of speech more effort saves little and costs
 * several times the time.
 */
export const FLAC_24: SoundEncoding = { muxer: 'flac', encoder: FF_ENCODER_FLAC, format: 's32' }

export interface SoundWriterOptions {
  file: string
  encoding: SoundEncoding
  channels: 1 | 2
  /** FFmpeg's names: title, artist, album, date, comment, ... */
  tags?: Record<string, string>
}

const SAMPLE_FORMATS = { s32: AV_SAMPLE_FMT_S32, flt: AV_SAMPLE_FMT_FLT, fltp: AV_SAMPLE_FMT_FLTP } as const
/** For encoders that take any length. */
const FRAME_SAMPLES = 4_096

/**
 * Writes a sound file of 48 kHz, block by block, synchronously. `finish` makes it whole; `close` without it removes
 * what was written, so that nobody takes a part for the whole.
 */
export class SoundWriter implements Disposable {
  readonly #file: string
  readonly #format: WrittenFormat
  readonly #output = new FormatContext()
  readonly #encoder = new CodecContext()
  readonly #io = new IOContext()
  readonly #packet = new Packet()
  readonly #frame = new Frame()
  readonly #frameSamples: number
  #streamIndex = 0
  /** What does not fill a frame yet. */
  readonly #pending: SoundBlock
  #pendingSamples = 0
  #writtenSamples = 0
  #isOpen = false
  #isFinished = false
  #isClosed = false

  /** @throws FFmpegError where the file cannot be made. */
  constructor(options: SoundWriterOptions) {
    this.#file = options.file
    this.#format = options.encoding.format
    this.#packet.alloc()
    try {
      this.#open(options)
    } catch (error) {
      this.close()
      throw error
    }
    this.#frameSamples = this.#encoder.frameSize || FRAME_SAMPLES
    this.#pending = createBlock(options.channels, this.#frameSamples)
  }

  get lengthSamples(): number {
    return this.#writtenSamples + this.#pendingSamples
  }

  #open({ file, encoding, channels, tags }: SoundWriterOptions): void {
    const codec = Codec.findEncoderByName(encoding.encoder)
    if (!codec) throw new Error(`no encoder ${encoding.encoder}`)
    const output = this.#output
    FFmpegError.throwIfError(output.allocOutputContext2(null, encoding.muxer, file), encoding.muxer)
    this.#openEncoder(codec, encoding, channels)
    const stream = output.newStream(codec)
    FFmpegError.throwIfError(stream.codecpar.fromContext(this.#encoder), 'fromContext')
    stream.timeBase = this.#encoder.timeBase
    this.#streamIndex = stream.index
    if (tags) output.metadata = Dictionary.fromObject(tags)
    FFmpegError.throwIfError(this.#io.open2Sync(`file:${file}`, AVIO_FLAG_WRITE), `create ${file}`)
    this.#isOpen = true
    output.pb = this.#io
    for (const [name, value] of Object.entries(encoding.muxerOptions ?? {})) {
      FFmpegError.throwIfError(output.setOption(name, value), name)
    }
    FFmpegError.throwIfError(output.writeHeaderSync(), 'writeHeader')
  }

  #openEncoder(codec: Codec, encoding: SoundEncoding, channels: 1 | 2): void {
    const encoder = this.#encoder
    encoder.allocContext3(codec)
    encoder.sampleRate = STUDIO_RATE_HZ
    encoder.sampleFormat = SAMPLE_FORMATS[encoding.format]
    encoder.channelLayout = channels === 1 ? AV_CHANNEL_LAYOUT_MONO : AV_CHANNEL_LAYOUT_STEREO
    encoder.timeBase = new Rational(1, STUDIO_RATE_HZ)
    encoder.threadCount = 1
    if (encoding.format === 's32') encoder.bitsPerRawSample = 24
    if (encoding.bitrateBps) encoder.bitRate = BigInt(encoding.bitrateBps)
    if (this.#output.oformat?.flags && this.#output.oformat.flags & AVFMT_GLOBALHEADER) {
      encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER)
    }
    // Not by a Dictionary at open2: node-av 6.1.1 frees such a one twice.
    for (const [name, value] of Object.entries(encoding.options ?? {})) {
      FFmpegError.throwIfError(encoder.setOption(name, value), name)
    }
    FFmpegError.throwIfError(encoder.open2Sync(codec), encoding.encoder)
  }

  /** Copies the block. @throws FFmpegError where the disk refuses. */
  write(block: SoundBlock): void {
    const count = blockLength(block)
    for (let from = 0; from < count; ) {
      const taken = Math.min(count - from, this.#frameSamples - this.#pendingSamples)
      for (const [channel, samples] of this.#pending.entries()) {
        samples.set((block[channel] ?? block[0] ?? samples).subarray(from, from + taken), this.#pendingSamples)
      }
      this.#pendingSamples += taken
      from += taken
      if (this.#pendingSamples === this.#frameSamples) this.#encodePending()
    }
  }

  #encodePending(): void {
    const count = this.#pendingSamples
    const frame = this.#frame
    frame.alloc()
    frame.format = SAMPLE_FORMATS[this.#format]
    frame.nbSamples = count
    frame.sampleRate = STUDIO_RATE_HZ
    frame.channelLayout = this.#encoder.channelLayout
    FFmpegError.throwIfError(frame.getBuffer(0), 'getBuffer')
    FFmpegError.throwIfError(frame.fromBuffer(blockToBytes(sliceBlock(this.#pending, 0, count), this.#format)), 'fill')
    frame.pts = BigInt(this.#writtenSamples)
    this.#writtenSamples += count
    this.#pendingSamples = 0
    const result = this.#encoder.sendFrameSync(frame)
    frame.unref()
    FFmpegError.throwIfError(result, 'encode')
    this.#writePackets()
  }

  #writePackets(): void {
    const packet = this.#packet
    const stream = this.#output.streams[this.#streamIndex]
    for (;;) {
      const result = this.#encoder.receivePacketSync(packet)
      if (result === AVERROR_EAGAIN || result === AVERROR_EOF) return
      FFmpegError.throwIfError(result, 'encode')
      packet.streamIndex = this.#streamIndex
      if (stream) packet.rescaleTs(this.#encoder.timeBase, stream.timeBase)
      const written = this.#output.writeFrameSync(packet)
      packet.unref()
      FFmpegError.throwIfError(written, 'write')
    }
  }

  /** Writes the rest and the headers that are known only now. The file is whole afterwards, and closed. @throws FFmpegError where the disk refuses. */
  finish(): void {
    if (this.#isFinished) return
    if (this.#pendingSamples > 0) this.#encodePending()
    FFmpegError.throwIfError(this.#encoder.sendFrameSync(null), 'encode')
    this.#writePackets()
    FFmpegError.throwIfError(this.#output.writeTrailerSync(), 'writeTrailer')
    this.#closeFile()
    this.#isFinished = true
    this.close()
  }

  #closeFile(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#output.pb = null
    FFmpegError.throwIfError(this.#io.closepSync(), `close ${this.#file}`)
  }

  /** Idempotent. Without `finish` before it the file is removed. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      this.#closeFile()
    } finally {
      this.#frame.free()
      this.#packet.free()
      this.#encoder.freeContext()
      this.#output.freeContext()
      if (!this.#isFinished) rmSync(this.#file, { force: true })
    }
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
