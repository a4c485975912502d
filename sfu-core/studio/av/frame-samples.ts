import {
  AV_SAMPLE_FMT_DBL,
  AV_SAMPLE_FMT_DBLP,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S16,
  AV_SAMPLE_FMT_S16P,
  AV_SAMPLE_FMT_S32,
  AV_SAMPLE_FMT_S32P,
  AV_SAMPLE_FMT_U8,
  AV_SAMPLE_FMT_U8P,
  type AVSampleFormat,
} from 'node-av/constants'
import type { Frame } from 'node-av/lib'
import { blockLength, type SoundBlock } from './sound-block.ts'

/** Between FFmpeg's sample formats and sound blocks. */

/** Full scale of 24 bits. */
const SCALE_24 = 0x80_0000

interface SampleLayout {
  isPlanar: boolean
  /** The samples of a plane as numbers; a view of the frame's own memory: to be copied before the frame is used again. */
  view(plane: Buffer, count: number): ArrayLike<number>
  /** Full scale is `1 / scale`. */
  scale: number
  /** What silence is. */
  zero: number
}

const u8 = (plane: Buffer, count: number) => plane.subarray(0, count)
const s16 = (plane: Buffer, count: number) => new Int16Array(plane.buffer, plane.byteOffset, count)
const s32 = (plane: Buffer, count: number) => new Int32Array(plane.buffer, plane.byteOffset, count)
const flt = (plane: Buffer, count: number) => new Float32Array(plane.buffer, plane.byteOffset, count)
const dbl = (plane: Buffer, count: number) => new Float64Array(plane.buffer, plane.byteOffset, count)

const LAYOUTS = new Map<AVSampleFormat, SampleLayout>([
  [AV_SAMPLE_FMT_U8, { isPlanar: false, view: u8, scale: 2 ** -7, zero: 128 }],
  [AV_SAMPLE_FMT_U8P, { isPlanar: true, view: u8, scale: 2 ** -7, zero: 128 }],
  [AV_SAMPLE_FMT_S16, { isPlanar: false, view: s16, scale: 2 ** -15, zero: 0 }],
  [AV_SAMPLE_FMT_S16P, { isPlanar: true, view: s16, scale: 2 ** -15, zero: 0 }],
  [AV_SAMPLE_FMT_S32, { isPlanar: false, view: s32, scale: 2 ** -31, zero: 0 }],
  [AV_SAMPLE_FMT_S32P, { isPlanar: true, view: s32, scale: 2 ** -31, zero: 0 }],
  [AV_SAMPLE_FMT_FLT, { isPlanar: false, view: flt, scale: 1, zero: 0 }],
  [AV_SAMPLE_FMT_FLTP, { isPlanar: true, view: flt, scale: 1, zero: 0 }],
  [AV_SAMPLE_FMT_DBL, { isPlanar: false, view: dbl, scale: 1, zero: 0 }],
  [AV_SAMPLE_FMT_DBLP, { isPlanar: true, view: dbl, scale: 1, zero: 0 }],
])

/** A stretch of a frame, and where in a block it goes. In samples. */
export interface FrameCopy {
  from: number
  count: number
  to: number
}

/**
 * Copies samples of a decoded audio frame into a block; a channel that the frame has not got the same as its first.
 * @throws for a format that no audio codec of FFmpeg 8 delivers.
 */
export function copyFrame(frame: Frame, block: SoundBlock, { from, count, to }: FrameCopy): void {
  const layout = LAYOUTS.get(frame.format as AVSampleFormat)
  const planes = frame.extendedData ?? frame.data
  if (!layout || !planes) throw new Error(`samples of format ${frame.format} are not known`)
  const channels = frame.channelLayout.nbChannels
  const step = layout.isPlanar ? 1 : channels
  for (const [index, samples] of block.entries()) {
    const channel = index < channels ? index : 0
    const plane = planes[layout.isPlanar ? channel : 0]
    if (!plane) throw new Error('a decoded frame lacks a channel')
    const first = from * step + (layout.isPlanar ? 0 : channel)
    const source = layout.view(plane, frame.nbSamples * step)
    copySamples(source, samples.subarray(to, to + count), { ...layout, first, step })
  }
}

interface CopyOptions {
  scale: number
  zero: number
  first: number
  step: number
}

function copySamples(source: ArrayLike<number>, target: Float32Array, options: CopyOptions): void {
  const { scale, zero, step } = options
  for (let i = 0, from = options.first; i < target.length; i++, from += step) {
    target[i] = ((source[from] ?? zero) - zero) * scale
  }
}

/** `s32`: interleaved, 24 bits in the upper three bytes (FLAC, WAV). `flt`: interleaved (Opus). `fltp`: planar (MP3, AAC). */
export type WrittenFormat = 's32' | 'flt' | 'fltp'

/** A block as the bytes of a frame. Integers are rounded to the nearest; beyond full scale they are cut off. */
export function blockToBytes(block: SoundBlock, format: WrittenFormat): Buffer {
  const samples = format === 's32' ? toIntegers(block) : format === 'flt' ? toInterleaved(block) : toPlanar(block)
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
}

function toIntegers(block: SoundBlock): Int32Array {
  const channels = block.length
  const integers = new Int32Array(blockLength(block) * channels)
  for (const [channel, samples] of block.entries()) {
    for (let i = 0, to = channel; i < samples.length; i++, to += channels) {
      const value = Math.floor((samples[i] ?? 0) * SCALE_24 + 0.5)
      integers[to] = (value < -SCALE_24 ? -SCALE_24 : value >= SCALE_24 ? SCALE_24 - 1 : value) << 8
    }
  }
  return integers
}

function toInterleaved(block: SoundBlock): Float32Array {
  const channels = block.length
  const floats = new Float32Array(blockLength(block) * channels)
  for (const [channel, samples] of block.entries()) {
    for (let i = 0, to = channel; i < samples.length; i++, to += channels) floats[to] = samples[i] ?? 0
  }
  return floats
}

function toPlanar(block: SoundBlock): Float32Array {
  const count = blockLength(block)
  const floats = new Float32Array(count * block.length)
  for (const [channel, samples] of block.entries()) floats.set(samples, channel * count)
  return floats
}
