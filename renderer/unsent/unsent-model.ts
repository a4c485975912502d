import { TAPE_BEHIND_MS } from '../../sfu-core/contract/limits.ts'
import type { TapeFailureReason, TapeStatus, TapeTrouble } from '../tape/worker/tape-status.ts'

/** What becomes of a tape now. `held`: it belongs to another server. `raw`: the encoder is missing. */
export type UnsentState =
  | { readonly kind: 'sending' }
  | { readonly kind: 'waiting'; readonly reason: TapeFailureReason }
  | { readonly kind: 'refused'; readonly reason: TapeFailureReason }
  | { readonly kind: 'held'; readonly serverUrl: string }
  | { readonly kind: 'raw' }

/** A tape whose capture has ended, and of which something is here only. */
export interface UnsentTape {
  readonly tape: TapeStatus
  readonly state: UnsentState
  /** 0 to 1. */
  readonly progress: number
  /** How much sound is here only. */
  readonly unsentMs: number
  /** It would be lost with the page. */
  readonly isFleeting: boolean
}

/** All of them, for the strip under the head. */
export interface Unsent {
  /** The newest first. */
  readonly tapes: readonly UnsentTape[]
  /** Recordings that go out by themselves; one of a room may have more than one tape. */
  readonly movingCount: number
  /** Recordings that do not. */
  readonly stuckCount: number
  /** Of those that go out by themselves. */
  readonly pendingBytes: number
  /** Likewise, 0 to 1. */
  readonly progress: number
  /** What goes on with them; where there are none, with the first that is stuck. */
  readonly state: UnsentState
}

/** What is still to be sent of recordings that have ended; null: nothing. Pure. */
export function unsentOf(statuses: readonly TapeStatus[]): Unsent | null {
  const tapes = statuses
    .filter(({ phase }) => phase === 'sending')
    .map(unsentTape)
    .sort((a, b) => b.tape.startedAtMs - a.tape.startedAtMs)
  const [first] = tapes
  if (first === undefined) return null
  const moving = tapes.filter((tape) => !isStuck(tape))
  // One that is being sent says more than one that waits.
  const foremost = moving.find(({ state }) => state.kind === 'sending') ?? moving[0] ?? first
  return {
    tapes,
    movingCount: recordingsOf(moving),
    stuckCount: recordingsOf(tapes.filter(isStuck)),
    pendingBytes: moving.reduce((sum, { tape }) => sum + tape.pendingBytes, 0),
    progress: progressOf(moving),
    state: foremost.state,
  }
}

function unsentTape(tape: TapeStatus): UnsentTape {
  const unsentMs = Math.max(0, tape.capturedMs - tape.sentMs)
  const isFleeting = tape.troubles.some(({ kind }) => kind === 'memory-only' || kind === 'storage-full')
  const progress = tape.capturedMs === 0 ? 1 : Math.min(1, tape.sentMs / tape.capturedMs)
  return { tape, state: stateOf(tape.troubles), progress, unsentMs, isFleeting }
}

/** The gravest one says what happens. */
function stateOf(troubles: readonly TapeTrouble[]): UnsentState {
  const of = <K extends TapeTrouble['kind']>(kind: K) =>
    troubles.find((trouble): trouble is Extract<TapeTrouble, { kind: K }> => trouble.kind === kind)
  const refused = of('refused')
  if (refused !== undefined) return { kind: 'refused', reason: refused.reason }
  const other = of('other-server')
  if (other !== undefined) return { kind: 'held', serverUrl: other.serverUrl }
  if (of('not-encoded') !== undefined) return { kind: 'raw' }
  const waiting = of('waiting')
  return waiting === undefined ? { kind: 'sending' } : { kind: 'waiting', reason: waiting.reason }
}

/** It needs a decision; nothing that Engawa does by itself brings it to the server. */
export function isStuck({ state }: Pick<UnsentTape, 'state'>): boolean {
  return state.kind === 'refused' || state.kind === 'held'
}

function recordingsOf(tapes: readonly UnsentTape[]): number {
  return new Set(tapes.map(({ tape }) => tape.takeId)).size
}

function progressOf(tapes: readonly UnsentTape[]): number {
  const capturedMs = tapes.reduce((sum, { tape }) => sum + tape.capturedMs, 0)
  const unsentMs = tapes.reduce((sum, tape) => sum + tape.unsentMs, 0)
  return capturedMs === 0 ? 1 : 1 - unsentMs / capturedMs
}

/** Of the tapes named there is more here than the last seconds that are on their way whenever a room is left, or one needs a person. */
export function isWorthTelling(unsent: Unsent, tapeIds: ReadonlySet<string>): boolean {
  return unsent.tapes.some((one) => tapeIds.has(one.tape.tapeId) && (one.unsentMs > TAPE_BEHIND_MS || isStuck(one)))
}

/** Closing this page stops or loses something: it is captured or sent here and not by another page, or would go with the memory. */
export function closingMatters(statuses: readonly TapeStatus[]): boolean {
  return statuses.some((status) => {
    if (status.isElsewhere || status.phase === 'sent') return false
    const tape = unsentTape(status)
    return status.phase === 'capturing' || tape.isFleeting || !isStuck(tape)
  })
}

/** The microphone is being recorded by this page. */
export function isCapturing(statuses: readonly TapeStatus[]): boolean {
  return statuses.some(({ phase, isElsewhere }) => phase === 'capturing' && !isElsewhere)
}

/** Why sending waits, as far as it makes another sentence. */
export type WaitingFor = 'connection' | 'space' | 'server'

const WAITING_FOR: Partial<Record<TapeFailureReason, WaitingFor>> = {
  offline: 'connection',
  'timed-out': 'connection',
  'disk-full': 'space',
  'server-disk-full': 'space',
  'quota-exceeded': 'space',
}

export function waitingFor(reason: TapeFailureReason): WaitingFor {
  return WAITING_FOR[reason] ?? 'server'
}
