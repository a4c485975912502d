import type { TakeReport } from '../../contract/take-report.ts'
import { quietFfmpeg } from '../av/ffmpeg-log.ts'
import type { StudioJobOptions } from '../studio-job.ts'
import { asRefusal } from './failures.ts'
import { levelsOfTracks } from './levels-of-tracks.ts'
import { MixThreads } from './mix-threads.ts'
import { Progress } from './progress.ts'

/**
 * Measures the tracks of a take and keeps that beside them, so that the first preview begins at once. An hour of four speakers
 * takes some ten seconds; a mix does it by itself where it was not done. @throws Refusal `render-failed`; the signal's reason.
 */
export async function measureTracks(
  { report, studioFolder }: { report: TakeReport; studioFolder: string },
  options: StudioJobOptions,
): Promise<void> {
  options.signal.throwIfAborted()
  quietFfmpeg()
  const threads = new MixThreads(options.signal)
  try {
    const onProgress = new Progress(options.onProgress).part('reading', 0, 1)
    await levelsOfTracks(threads, report.tracks, { studioFolder, onProgress })
  } catch (error) {
    throw asRefusal(error, options.signal)
  } finally {
    await threads.close()
  }
}
