import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { FLAC_24, SoundWriter } from '../av/sound-writer.ts'
import { breathe } from '../studio-job.ts'
import { PeakMeter } from './peaks.ts'
import type { TrackSound } from './track-sound.ts'

export interface WriteTrackOptions {
  sound: TrackSound
  channels: 1 | 2
  lengthSamples: number
  flacFile: string
  peaksFile: string
  title: string
  artist: string
  signal: AbortSignal
  onWritten(samples: number): void
}

/** One second: between two of them the job hears whether it is wanted still. */
const BLOCK_SAMPLES = 48_000

/** Writes the track and its peaks; says what the FLAC file came out as. Neither file is left where it fails. */
export async function writeTrack(options: WriteTrackOptions): Promise<{ sizeBytes: number; sha256: string }> {
  const { flacFile, channels, lengthSamples, sound, signal } = options
  const peaks = new PeakMeter(lengthSamples)
  using writer = new SoundWriter({
    file: flacFile,
    encoding: FLAC_24,
    channels,
    tags: { title: options.title, artist: options.artist },
  })
  for (let at = 0; at < lengthSamples; at += BLOCK_SAMPLES) {
    const block = sound.next(Math.min(BLOCK_SAMPLES, lengthSamples - at))
    writer.write(block)
    peaks.add(block)
    options.onWritten(block[0]?.length ?? 0)
    await breathe(signal)
  }
  writer.finish()
  await writeFile(options.peaksFile, peaks.finish())
  return { sizeBytes: (await stat(flacFile)).size, sha256: await hashFile(flacFile) }
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(file)) hash.update(part)
  return hash.digest('hex')
}
