import type { TapeEnd, TapeOpening } from '../../../sfu-core/contract/tape.ts'
import type { TapeAsk, TapeAskAnswer, TapeStatus } from './tape-status.ts'

/** What a page knows of a tape that it begins. Kept beside the tape, so that another page can finish it. */
export interface TapeBeginning {
  readonly opening: TapeOpening
  /** The right to open the tape, until there is a token. */
  readonly seat: string
  /** For people, where the tape is left over. */
  readonly roomTitle: string
  /** Origin of the server that the tape belongs to. */
  readonly serverUrl: string
  /** Ms since the Unix epoch. */
  readonly startedAtMs: number
}

/** Where the samples come from; moved to the worker, so that they do not pass the page's main thread. */
export type CaptureFeed =
  /** AudioData of a MediaStreamTrackProcessor. */
  | { readonly kind: 'frames'; readonly readable: ReadableStream<AudioData> }
  /** Float32Array[] (a plane a channel) of capture-worklet.ts. */
  | { readonly kind: 'worklet'; readonly port: MessagePort; readonly rateHz: number }

export type ToTapeWorker =
  /** `desktop`: leads to the desktop app's tape files; null in a browser. */
  | { readonly type: 'start'; readonly serverUrl: string; readonly desktop: MessagePort | null }
  | { readonly type: 'begin'; readonly beginning: TapeBeginning; readonly feed: CaptureFeed }
  | { readonly type: 'finish'; readonly tapeId: string; readonly end: TapeEnd }
  /** The page's AudioContext does not run: what is captured from the worklet stands still. */
  | { readonly type: 'suspended'; readonly tapeId: string }
  /** The network is back. */
  | { readonly type: 'online' }
  | { readonly type: 'answer'; readonly id: number; readonly answer: TapeAskAnswer }
  /** `file`: where to write to; null: as a Blob. */
  | { readonly type: 'save'; readonly id: number; readonly tapeId: string; readonly file: FileSystemFileHandle | null }
  | { readonly type: 'discard'; readonly tapeId: string }

export type FromTapeWorker =
  | { readonly type: 'tapes'; readonly tapes: readonly TapeStatus[] }
  /** A question for the server that goes over the page's line. */
  | { readonly type: 'ask'; readonly id: number; readonly ask: TapeAsk }
  | { readonly type: 'saved'; readonly id: number; readonly blob: Blob | null }
  | { readonly type: 'save-failed'; readonly id: number; readonly detail: string }
  /** The tape cannot go on: its source failed. */
  | { readonly type: 'lost'; readonly tapeId: string }
