import type { TapeGrant } from '../../../server/contract/views.ts'
import type { TakeClock } from '../../../sfu-core/contract/node-protocol.ts'
import type { ReasonCode } from '../../../sfu-core/contract/reasons.ts'
import type { TapeEnd, TapeOpening, TapeSource } from '../../../sfu-core/contract/tape.ts'

/** What the page declares when no more is captured. */
export interface EndDeclaration {
  readonly chunkCount: number
  readonly sampleCount: number
  readonly end: TapeEnd
}

/** What a worker asks of the server through its page (`tapes.*`). */
export type TapeAsk =
  | { readonly procedure: 'open'; readonly seat: string; readonly opening: TapeOpening }
  | { readonly procedure: 'clock'; readonly token: string }
  | { readonly procedure: 'end'; readonly token: string; readonly declaration: EndDeclaration }

export type TapeFailureReason = ReasonCode | 'offline'

export type TapeAskAnswer =
  | { readonly ok: true; readonly value: TapeGrant | TakeClock | null }
  | { readonly ok: false; readonly reason: TapeFailureReason; readonly retryAfterMs: number | null }

/** What keeps a tape from being safe, or from being sent. */
export type TapeTrouble =
  /** The browser has no storage that lasts (a private window): what is not sent is lost with the page. */
  | { readonly kind: 'memory-only' }
  /** The disk, or the browser's share of it, is full: new sound is kept in memory. */
  | { readonly kind: 'storage-full'; readonly inMemoryBytes: number }
  /** Nothing has come from the microphone for a while: its device, or the browser's sound, stands still. */
  | { readonly kind: 'no-sound' }
  /** Sending waits for better times and is tried again. */
  | { readonly kind: 'waiting'; readonly reason: TapeFailureReason }
  /** The server will not have it. It stays here, and can be saved to a file. */
  | { readonly kind: 'refused'; readonly reason: ReasonCode }
  /** It belongs to another server than this page's. */
  | { readonly kind: 'other-server'; readonly serverUrl: string }
  /** The encoder could not be loaded (a network that is away, a page that is newer); what was captured waits raw, and is tried again. */
  | { readonly kind: 'not-encoded' }

/** One tape, as a person may want to know of it. Times in ms of sound from the tape's beginning. */
export interface TapeStatus {
  readonly tapeId: string
  readonly takeId: string
  readonly roomTitle: string
  readonly source: TapeSource
  readonly deviceLabel: string
  readonly startedAtMs: number
  /** `capturing`: the microphone is being recorded. `sending`: capture has ended, something is still to be sent. `sent`: all is at the server. */
  readonly phase: 'capturing' | 'sending' | 'sent'
  /** Another page of this browser holds it. */
  readonly isElsewhere: boolean
  readonly capturedMs: number
  /** Up to here it outlives the page. */
  readonly storedMs: number
  /** Up to here, without a hole, the server has confirmed it. */
  readonly sentMs: number
  readonly pendingChunks: number
  /** About: of what is not encoded yet the raw size counts. */
  readonly pendingBytes: number
  readonly troubles: readonly TapeTrouble[]
}

/** Something of the tape exists only here. */
export function isUnsent(status: TapeStatus): boolean {
  return status.phase !== 'sent'
}
