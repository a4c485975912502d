import { setImmediate as turn } from 'node:timers/promises'
import { createBlock, type SoundBlock, sliceBlock } from '../av/sound-block.ts'
import { SoundReader } from '../av/sound-reader.ts'
import { Biquad, VOICE_HIGH_PASS } from './biquad.ts'
import { LoudnessMeter } from './loudness.ts'
import { NoiseLearner } from './noise-profile.ts'
import type { TrackLevels } from './track-levels.ts'

/** Between two words about the progress. */
const STRETCH_SAMPLES = 10 * 48_000

export interface MeasuredTrack {
  file: string
  channels: number
  lengthSamples: number
}

/** For a worker thread. `onProgress` gets samples. @throws FFmpegError where the file is missing or damaged; Error where it is too short. */
export async function measureLevels(track: MeasuredTrack, onProgress: (samples: number) => void): Promise<TrackLevels> {
  using reader = new SoundReader(track.file, { formats: 'flac' })
  const filters = Array.from({ length: track.channels }, () => new Biquad(VOICE_HIGH_PASS))
  const meter = new LoudnessMeter(track.channels)
  const noise = new NoiseLearner(track.channels)
  const stretch = createBlock(track.channels, STRETCH_SAMPLES)
  for (let done = 0; done < track.lengthSamples; done += STRETCH_SAMPLES) {
    const wanted = Math.min(STRETCH_SAMPLES, track.lengthSamples - done)
    if (reader.readInto(stretch, 0, wanted) < wanted) throw new Error('the file is shorter than the take report says')
    const block: SoundBlock = sliceBlock(stretch, 0, wanted)
    for (const [channel, samples] of block.entries()) filters[channel]?.process(samples)
    meter.add(block)
    noise.add(block)
    onProgress(done + wanted)
    // Native memory is given back between two turns of the event loop only.
    await turn()
  }
  const { powers } = meter.finish()
  for (let i = 0; i < powers.length; i++) powers[i] = (powers[i] as number) / track.channels
  return { powers, noise: noise.finish() }
}
