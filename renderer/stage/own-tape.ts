import { TAPE_BEHIND_MS } from '../../sfu-core/contract/limits.ts'
import type { TapeStatus, TapeTrouble } from '../tape/worker/tape-status.ts'

/** The own recording on this computer, of all its signals: the one that is least far counts. Times from the tape's beginning. */
export interface OwnTape {
  readonly capturedMs: number
  /** Up to here it outlives the page. */
  readonly storedMs: number
  readonly sentMs: number
  /** Each kind once. */
  readonly troubles: readonly TapeTrouble[]
}

/** Null: there is none yet. Pure. */
export function ownTapeOf(tapes: readonly TapeStatus[]): OwnTape | null {
  if (tapes.length === 0) return null
  const behindMs = (reached: (tape: TapeStatus) => number) =>
    Math.max(0, ...tapes.map((tape) => tape.capturedMs - reached(tape)))
  const capturedMs = Math.max(...tapes.map((tape) => tape.capturedMs))
  const unsentMs = behindMs((tape) => tape.sentMs)
  return {
    capturedMs,
    storedMs: Math.max(0, capturedMs - behindMs((tape) => tape.storedMs)),
    sentMs: Math.max(0, capturedMs - unsentMs),
    troubles: worthSaying(tapes, unsentMs),
  }
}

/** A single try that failed is no news: the next one comes in half a second. */
function worthSaying(tapes: readonly TapeStatus[], unsentMs: number): TapeTrouble[] {
  const kinds = new Map<TapeTrouble['kind'], TapeTrouble>()
  for (const { troubles } of tapes) {
    for (const trouble of troubles) if (!kinds.has(trouble.kind)) kinds.set(trouble.kind, trouble)
  }
  if (unsentMs <= TAPE_BEHIND_MS) kinds.delete('waiting')
  return [...kinds.values()]
}
