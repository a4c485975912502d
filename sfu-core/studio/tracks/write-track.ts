import type { ExportFormat } from '../../contract/render.ts'
import { encodeSound } from '../encode/encode-sound.ts'
import type { SoundTags } from '../encode/sound-tags.ts'
import { type TrackSoundOptions, trackSound } from './track-sound.ts'

/** One exported track, as a thread gets it. */
export interface TrackTask {
  sound: TrackSoundOptions
  outFile: string
  format: ExportFormat
  tags: SoundTags
}

/** For a worker thread. `onProgress` gets samples, and may throw to end it. @throws as trackSound and encodeSound. */
export async function writeTrack(task: TrackTask, onProgress: (samples: number) => void): Promise<void> {
  await encodeSound(trackSound(task.sound), {
    file: task.outFile,
    format: task.format,
    channels: task.sound.channels === 1 ? 1 : 2,
    tags: task.tags,
    signal: new AbortController().signal,
    onProgress,
  })
}
