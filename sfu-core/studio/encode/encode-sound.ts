import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { ExportFormat } from '../../contract/render.ts'
import { blockLength, type SoundBlock, STUDIO_RATE_HZ } from '../av/sound-block.ts'
import { SoundWriter } from '../av/sound-writer.ts'
import { breathe } from '../studio-job.ts'
import { encodingOf } from './formats.ts'
import { id3Tag } from './id3.ts'
import { withChapters } from './mp4-chapters.ts'
import { plainTags, type SoundTags, vorbisChapters } from './sound-tags.ts'

export interface EncodeOptions {
  file: string
  format: ExportFormat
  channels: 1 | 2
  tags: SoundTags
  signal: AbortSignal
  /** Gets the samples written so far. */
  onProgress?(samples: number): void
}

/**
 * Writes a sound file of any export format, with tags and chapters. The file appears under its name when it is whole.
 * @throws FFmpegError or a system error where the disk refuses; the signal's reason.
 */
export async function encodeSound(
  blocks: AsyncIterable<SoundBlock> | Iterable<SoundBlock>,
  options: EncodeOptions,
): Promise<void> {
  const part = `${options.file}.part`
  try {
    const lengthSamples = await writeBlocks(blocks, part, options)
    await addChapters(part, options, (lengthSamples / STUDIO_RATE_HZ) * 1_000)
    await rename(part, options.file)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

async function writeBlocks(
  blocks: AsyncIterable<SoundBlock> | Iterable<SoundBlock>,
  file: string,
  { format, channels, tags, signal, onProgress }: EncodeOptions,
): Promise<number> {
  const hasComments = format === 'flac' || format === 'opus'
  using writer = new SoundWriter({
    file,
    encoding: encodingOf(format, channels),
    channels,
    tags: { ...plainTags(tags), ...(hasComments ? vorbisChapters(tags.chapters) : {}) },
  })
  let sinceBreath = 0
  for await (const block of blocks) {
    writer.write(block)
    sinceBreath += blockLength(block)
    if (sinceBreath < STUDIO_RATE_HZ) continue
    sinceBreath = 0
    onProgress?.(writer.lengthSamples)
    await breathe(signal)
  }
  const { lengthSamples } = writer
  writer.finish()
  return lengthSamples
}

async function addChapters(part: string, { format, tags }: EncodeOptions, lengthMs: number): Promise<void> {
  if (format === 'mp3') await prepend(part, id3Tag(tags, lengthMs))
  if (format === 'aac' && tags.chapters.length > 0) addMp4Chapters(part, tags)
}

async function prepend(file: string, bytes: Buffer): Promise<void> {
  const whole = `${file}.tagged`
  try {
    const out = createWriteStream(whole)
    out.write(bytes)
    await pipeline(createReadStream(file), out)
    await rename(whole, file)
  } catch (error) {
    await rm(whole, { force: true })
    throw error
  }
}

/** @throws Error where FFmpeg did not write `moov` last. */
function addMp4Chapters(file: string, tags: SoundTags): void {
  const handle = openSync(file, 'r+')
  try {
    const { at, size } = lastBox(handle)
    const moov = Buffer.alloc(size)
    readSync(handle, moov, 0, size, at)
    if (moov.toString('latin1', 4, 8) !== 'moov') throw new Error('the last box of the MP4 file is not moov')
    const changed = withChapters(moov, tags)
    ftruncateSync(handle, at)
    writeSync(handle, changed, 0, changed.length, at)
  } finally {
    closeSync(handle)
  }
}

function lastBox(handle: number): { at: number; size: number } {
  const { size: fileBytes } = fstatSync(handle)
  const header = Buffer.alloc(16)
  let at = 0
  for (;;) {
    readSync(handle, header, 0, 16, at)
    // Size 1: the size is in the 64 bits that follow (ISO/IEC 14496-12 §4.2).
    const size = header.readUInt32BE(0) === 1 ? Number(header.readBigUInt64BE(8)) : header.readUInt32BE(0)
    if (size < 8 || at + size > fileBytes) throw new Error('the MP4 file has no end')
    if (at + size === fileBytes) return { at, size }
    at += size
  }
}
