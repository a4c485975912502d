import type { ReasonCode } from '../../contract/reasons.ts'
import type { TrackTask } from '../tracks/write-track.ts'
import type { MeasuredPart, MeasuredRange } from './measure-file.ts'
import type { MeasuredTrack } from './measure-levels.ts'
import type { SpeakerTask } from './speaker-track.ts'
import type { TrackLevels } from './track-levels.ts'

/** What is said between the mix and its threads. */

export type MixWork =
  | { do: 'levels'; track: MeasuredTrack }
  | { do: 'open'; speaker: number; task: SpeakerTask }
  /** The next `count` samples of a speaker into shared memory, a plane for each channel. */
  | { do: 'fill'; speaker: number; planes: SharedArrayBuffer[]; count: number }
  | { do: 'close'; speaker: number }
  | { do: 'measure'; file: string; range: MeasuredRange }
  | { do: 'track'; task: TrackTask }

/** `end`: after all that was asked before. */
export type ToMixWorker = (MixWork & { callId: number }) | { do: 'end' }

export type MixWorkerResult =
  | { did: 'nothing' }
  | { did: 'levels'; levels: TrackLevels }
  | { did: 'measure'; part: MeasuredPart }

export type FromMixWorker =
  | { tell: 'progress'; callId: number; samples: number }
  | { tell: 'done'; callId: number; result: MixWorkerResult }
  | { tell: 'failed'; callId: number; code: ReasonCode; detail: string }
