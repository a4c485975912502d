import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import type { FailureReason, PeerLink } from './ports.ts'
import type { SessionState } from './session-state.ts'

export type SessionEvent =
  | { type: 'admitted'; tryNumber: number }
  | { type: 'answered'; tryNumber: number }
  | { type: 'try-failed'; tryNumber: number; reason: FailureReason; retryAfterMs: number | null }
  | { type: 'peer'; tryNumber: number; link: PeerLink }
  | { type: 'timer'; timer: SessionTimer }
  | { type: 'line'; up: boolean }
  | { type: 'node'; up: boolean }
  /** The room runs in a new life of its node, or our seat ran out: whatever connection we have leads nowhere. */
  | { type: 'seat-lost' }
  /** The feed of the room was refused: only a new join brings a new one. */
  | { type: 'feed-refused'; reason: FailureReason }
  /** The browser says that the network is back. */
  | { type: 'online' }
  /** The room or the seat is gone. */
  | { type: 'expelled'; reason: ReasonCode }
  | { type: 'leave' }

export type SessionTimer = 'step' | 'heal'

export type SessionEffect =
  | { do: 'ask'; tryNumber: number }
  | { do: 'send-offer'; tryNumber: number }
  | { do: 'close-peer'; tryNumber: number }
  | { do: 'arm'; timer: SessionTimer; delayMs: number }
  | { do: 'disarm'; timer: SessionTimer }
  | { do: 'forget-seat' }
  | { do: 'finish' }

/** Chance and time, passed in. */
export interface Ambient {
  nowMs: number
  /** 0 to 1. */
  random: number
}

export interface Step {
  state: SessionState
  effects: SessionEffect[]
}

export const unchanged = (state: SessionState): Step => ({ state, effects: [] })
export const arm = (timer: SessionTimer, delayMs: number): SessionEffect => ({ do: 'arm', timer, delayMs })
export const disarm = (timer: SessionTimer): SessionEffect => ({ do: 'disarm', timer })

/** The end, for good. */
export function finish(reason: ReasonCode): Step {
  return {
    state: { phase: 'left', reason },
    effects: [disarm('step'), disarm('heal'), { do: 'finish' }],
  }
}
