import { AV_LOG_FATAL } from 'node-av/constants'
import { Log } from 'node-av/lib'

/** FFmpeg tells of each damaged frame on stderr; what matters of it comes as errors. For the whole process. */
export function quietFfmpeg(): void {
  Log.setLevel(AV_LOG_FATAL)
}
