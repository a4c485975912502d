import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { TapeEnd, TapeSource } from '../../sfu-core/contract/tape.ts'
import type { Cell } from '../room-session/cell.ts'
import type { TapeStatus } from './worker/tape-status.ts'

/** Which signal of the microphone is taped. */
export type TapeSources = 'processed' | 'unprocessed' | 'both'

/** What a person chose for their own tape. */
export interface TapeChoice {
  readonly sources: TapeSources
  /** For microphones, or two of them, that deliver two channels. */
  readonly stereo: boolean
}

export const DEFAULT_TAPE_CHOICE: TapeChoice = { sources: 'processed', stereo: false }

/** A tape to be begun. */
export interface TapeRequest {
  readonly takeId: TakeId
  readonly source: TapeSource
  readonly channels: 1 | 2
  readonly deviceLabel: string
  /** The right to open the tape. */
  readonly seat: string
  readonly roomTitle: string
  readonly track: MediaStreamTrack
  /** Its capture failed: another tape may be tried. Called at most once. */
  onLost(): void
}

export interface RunningTape {
  readonly tapeId: string
  /** Ends the capture; what was captured is sent by and by. Idempotent. */
  finish(end: TapeEnd): void
}

/** What captures, keeps and sends tapes: the page's, beyond the life of a room session. */
export interface TapePort {
  /** A tape may begin soon: what it needs is loaded while the network is there. */
  prepare(): void
  begin(request: TapeRequest): RunningTape
  /** All tapes of this browser that are being captured or not yet sent. */
  readonly tapes: Cell<readonly TapeStatus[]>
}
