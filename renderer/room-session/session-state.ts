import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import type { FailureReason } from './ports.ts'

/** Why the connection was lost: the sound's own path, the node, or the line to the server. */
export type LossCause = 'media' | 'node' | 'server'

/**
 * Where one try to get in stands.
 * `asking`: rooms.join is under way. `offering`: the offer is at the node. `connecting`: the answer is
 * applied, ICE and DTLS run. `waiting`: it failed, the next one comes at `untilMs`.
 */
type TryStep =
  | { readonly step: 'asking' }
  | { readonly step: 'offering' }
  | { readonly step: 'connecting' }
  | { readonly step: 'waiting'; readonly untilMs: number }

/** The way in is not being tried: the sound still flows and only server or node are silent. */
interface Holding {
  readonly step: 'holding'
}

/** What the line to the server last said. */
export interface Signals {
  readonly lineUp: boolean
  readonly nodeUp: boolean
}

export interface Joining {
  readonly phase: 'joining'
  readonly sinceMs: number
  /** Names the try; answers to an older try are ignored. */
  readonly tryNumber: number
  readonly failures: number
  readonly lastFailure: FailureReason | null
  readonly step: TryStep
}

export interface Connected {
  readonly phase: 'connected'
  readonly sinceMs: number
  /** The try that got in. */
  readonly tryNumber: number
  /** The last number given to a try; a try that was dropped may be newer than the connection that healed. */
  readonly lastTry: number
  /** Failures before this connection; forgotten once it has proved stable. */
  readonly failures: number
  /** ICE says "disconnected": it may heal by itself within ICE_HEAL_MS. */
  readonly mediaSilent: boolean
}

export interface Reconnecting {
  readonly phase: 'reconnecting'
  readonly sinceMs: number
  readonly cause: LossCause
  readonly tryNumber: number
  readonly failures: number
  readonly lastFailure: FailureReason | null
  readonly step: TryStep | Holding
  readonly signals: Signals
  /** The earlier connection while it may still heal; null once it is given up. */
  readonly kept: KeptPeer | null
}

export interface KeptPeer {
  readonly tryNumber: number
  readonly silent: boolean
}

interface Left {
  readonly phase: 'left'
  readonly reason: ReasonCode
}

/** One live connection to a room. */
export type SessionState = Joining | Connected | Reconnecting | Left

/** How long a step may take before the try counts as failed. The node's answer has 8 s at the server (NODE_ANSWER_TIMEOUT_MS). */
export const STEP_TIMEOUT_MS = { asking: 6_000, offering: 9_000, connecting: 8_000 } as const
/** An ICE drop shorter than this heals by itself more often than not (a Wi-Fi roam, a burst of loss). */
export const ICE_HEAL_MS = 1_500
export const BACKOFF_FIRST_MS = 500
export const BACKOFF_MAX_MS = 8_000
/** A connection that lasted this long has earned a fresh back-off. */
export const STABLE_MS = 10_000
