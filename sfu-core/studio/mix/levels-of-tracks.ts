import path from 'node:path'
import type { StudioTrack } from '../../contract/take-report.ts'
import { named } from './failures.ts'
import type { MixThreads } from './mix-threads.ts'
import { levelsFile, readLevels, type TrackLevels, writeLevels } from './track-levels.ts'

/**
 * The levels of tracks: read where they are known, else measured and kept. `onProgress`: 0 to 1.
 * @throws Refusal `render-failed` where a track cannot be read.
 */
export async function levelsOfTracks(
  threads: MixThreads,
  tracks: readonly StudioTrack[],
  { studioFolder, onProgress }: { studioFolder: string; onProgress(done: number): void },
): Promise<TrackLevels[]> {
  const total = Math.max(
    1,
    tracks.reduce((sum, { lengthSamples }) => sum + lengthSamples, 0),
  )
  const done = new Map<StudioTrack, number>()
  const tell = (track: StudioTrack, samples: number) => {
    done.set(track, samples)
    onProgress([...done.values()].reduce((sum, value) => sum + value, 0) / total)
  }
  return Promise.all(
    tracks.map(async (track, index) => {
      const file = levelsFile(studioFolder, track.file)
      const known = readLevels(file, track.sha256)
      const levels = known ?? (await measure(threads, { track, index, studioFolder, tell }))
      if (!known) writeLevels(file, track.sha256, levels)
      tell(track, track.lengthSamples)
      return levels
    }),
  )
}

interface MeasureOptions {
  track: StudioTrack
  index: number
  studioFolder: string
  tell(track: StudioTrack, samples: number): void
}

async function measure(
  threads: MixThreads,
  { track, index, studioFolder, tell }: MeasureOptions,
): Promise<TrackLevels> {
  const { channels, lengthSamples } = track
  const work = { do: 'levels', track: { file: path.join(studioFolder, track.file), channels, lengthSamples } } as const
  const result = await named(
    track.name,
    threads.call(index, work, (samples) => tell(track, samples)),
  )
  if (result.did !== 'levels') throw new Error('a thread answered something else')
  return result.levels
}
