import { setImmediate as turn } from 'node:timers/promises'
import {
  AV_BUFFERSRC_FLAG_PUSH,
  AV_CHANNEL_LAYOUT_MONO,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_SAMPLE_FMT_FLTP,
  AVERROR_EAGAIN,
  AVERROR_EOF,
} from 'node-av/constants'
import { FFmpegError, type FilterContext, FilterGraph, Frame } from 'node-av/lib'
import { blockToBytes } from '../av/frame-samples.ts'
import { blockLength, createBlock, type SoundBlock, sliceBlock } from '../av/sound-block.ts'
import { SoundReader } from '../av/sound-reader.ts'
import { GrowingFloats } from './growing-floats.ts'
import { lufsToPower } from './loudness.ts'

/** What FFmpeg's ebur128 says of a stretch of a file. */
export interface MeasuredPart {
  /** Power of each gating block (400 ms, each 100 ms). */
  blocks: Float32Array<ArrayBuffer>
  /** Largest true peak, as a factor of full scale. */
  truePeak: number
  lengthSamples: number
}

/** FFmpeg's ebur128 (ITU-R BS.1770, EBU R 128), fed by hand. */
class Ebur128 implements Disposable {
  readonly #graph = new FilterGraph()
  readonly #source: FilterContext
  readonly #sink: FilterContext
  readonly #frame = new Frame()
  readonly #rateHz: number
  readonly #channels: number
  readonly #blocks = new GrowingFloats()
  #truePeak = 0
  #fed = 0

  constructor(rateHz: number, channels: number) {
    this.#rateHz = rateHz
    this.#channels = channels
    this.#graph.alloc()
    this.#frame.alloc()
    const layout = channels === 1 ? 'mono' : 'stereo'
    const format = `sample_rate=${rateHz}:sample_fmt=fltp:channel_layout=${layout}:time_base=1/${rateHz}`
    const description = `abuffer@in=${format},ebur128@it=peak=true:metadata=1:framelog=quiet,abuffersink@out`
    FFmpegError.throwIfError(this.#graph.parsePtr(description), 'ebur128')
    FFmpegError.throwIfError(this.#graph.configSync(), 'ebur128')
    this.#source = this.#find('abuffer')
    this.#sink = this.#find('abuffersink')
  }

  #find(name: string): FilterContext {
    const found = this.#graph.filters?.find(({ filter }) => filter?.name === name)
    if (!found) throw new Error(`the filter graph has no ${name}`)
    return found
  }

  add(block: SoundBlock): void {
    const frame = this.#frame
    frame.format = AV_SAMPLE_FMT_FLTP
    frame.nbSamples = blockLength(block)
    frame.sampleRate = this.#rateHz
    frame.channelLayout = this.#channels === 1 ? AV_CHANNEL_LAYOUT_MONO : AV_CHANNEL_LAYOUT_STEREO
    frame.pts = BigInt(this.#fed)
    FFmpegError.throwIfError(frame.getBuffer(0), 'getBuffer')
    FFmpegError.throwIfError(frame.fromBuffer(blockToBytes(block, 'fltp')), 'fill')
    this.#fed += blockLength(block)
    const result = this.#source.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_PUSH)
    frame.unref()
    FFmpegError.throwIfError(result, 'ebur128')
    this.#take()
  }

  /** Frames of 100 ms, each with the loudness of the last 400 ms. */
  #take(): void {
    for (;;) {
      const result = this.#sink.buffersinkGetFrameSync(this.#frame)
      if (result === AVERROR_EAGAIN || result === AVERROR_EOF) return
      FFmpegError.throwIfError(result, 'ebur128')
      // Freed at once: left to the garbage collector they take 15 kB each.
      using facts = this.#frame.getMetadata()
      this.#frame.unref()
      this.#blocks.push(lufsToPower(Number(facts.get('lavfi.r128.M'))))
      this.#truePeak = Math.max(this.#truePeak, Number(facts.get('lavfi.r128.true_peak')) || 0)
    }
  }

  finish(): MeasuredPart {
    FFmpegError.throwIfError(this.#source.buffersrcAddFrameSync(null, AV_BUFFERSRC_FLAG_PUSH), 'ebur128')
    this.#take()
    return { blocks: this.#blocks.toArray(), truePeak: this.#truePeak, lengthSamples: this.#fed }
  }

  [Symbol.dispose](): void {
    this.#frame.free()
    this.#graph.free()
  }
}

/** In samples of the file's own rate; `to`: up to the end where there is less. */
export interface MeasuredRange {
  from: number
  to: number
}

/** BS.1770's blocks begin each 100 ms. */
const STEPS_PER_S = 10

/** Native memory is given back between two turns of the event loop only. */
const STEPS_PER_TURN = 20

/** How long a part must begin earlier, so that the parts' gating blocks follow each other without a hole: a block less its step. */
export const PART_OVERLAP_S = 0.3

/** For a worker thread. `onProgress` gets samples, and may throw. @throws FFmpegError where the file cannot be decoded. */
export async function measurePart(
  file: string,
  { from, to }: MeasuredRange,
  onProgress?: (samples: number) => void,
): Promise<MeasuredPart> {
  using reader = new SoundReader(file)
  using meter = new Ebur128(reader.sampleRateHz, reader.channels)
  // The steps in which the filter works: with others FFmpeg cuts and joins frames, which costs time and memory (200 MB an hour).
  const stepSamples = reader.sampleRateHz / STEPS_PER_S
  const step = createBlock(reader.channels, stepSamples)
  if (from > 0) reader.seek(from)
  for (let at = from; at < to; at += stepSamples) {
    const count = reader.readInto(step, 0, stepSamples)
    if (count > 0) meter.add(sliceBlock(step, 0, count))
    if (count < stepSamples) break
    if ((at - from) % (STEPS_PER_TURN * stepSamples) !== 0) continue
    onProgress?.(at - from)
    await turn()
  }
  return meter.finish()
}
