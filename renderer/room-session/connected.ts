import { backOffMs } from './back-off.ts'
import { finalReason } from './final-reasons.ts'
import { hold } from './holding.ts'
import type { PeerLink } from './ports.ts'
import {
  type Ambient,
  arm,
  disarm,
  finish,
  type SessionEffect,
  type SessionEvent,
  type Step,
  unchanged,
} from './session-events.ts'
import {
  type Connected,
  ICE_HEAL_MS,
  type KeptPeer,
  type LossCause,
  type Reconnecting,
  STABLE_MS,
} from './session-state.ts'
import { ask, wait } from './trying.ts'

/** While all is well. */
export function whileConnected(state: Connected, event: SessionEvent, ambient: Ambient): Step {
  switch (event.type) {
    case 'peer':
      return event.tryNumber === state.tryNumber ? connectedPeer(state, event.link, ambient) : unchanged(state)
    case 'timer':
      return event.timer === 'heal' && state.mediaSilent ? lose(state, { cause: 'media' }, ambient) : unchanged(state)
    case 'line':
      return event.up ? unchanged(state) : hold(state, { lineUp: false, nodeUp: true }, ambient.nowMs)
    case 'node':
      return event.up ? unchanged(state) : hold(state, { lineUp: true, nodeUp: false }, ambient.nowMs)
    case 'seat-lost':
      return lose(state, { cause: 'node', dead: true }, ambient)
    case 'feed-refused': {
      const reason = finalReason(event.reason, true)
      return reason === null ? lose(state, { cause: 'server' }, ambient) : finish(reason)
    }
    default:
      return unchanged(state)
  }
}

function connectedPeer(state: Connected, link: PeerLink, ambient: Ambient): Step {
  switch (link) {
    case 'connected':
      return { state: { ...state, mediaSilent: false }, effects: [disarm('heal')] }
    case 'silent':
      return { state: { ...state, mediaSilent: true }, effects: [arm('heal', ICE_HEAL_MS)] }
    case 'dead':
      return lose(state, { cause: 'media', dead: true }, ambient)
  }
}

/** From connected to the next try. A connection that broke soon after it was made waits first. */
function lose(state: Connected, loss: { cause: LossCause; dead?: boolean }, ambient: Ambient): Step {
  const stable = ambient.nowMs - state.sinceMs >= STABLE_MS
  const failures = stable ? 0 : state.failures
  const kept: KeptPeer | null = loss.dead ? null : { tryNumber: state.tryNumber, silent: state.mediaSilent }
  const reconnecting: Reconnecting = {
    phase: 'reconnecting',
    sinceMs: ambient.nowMs,
    cause: loss.cause,
    tryNumber: state.lastTry,
    failures: failures + (stable ? 0 : 1),
    lastFailure: null,
    step: { step: 'asking' },
    signals: { lineUp: true, nodeUp: true },
    kept,
  }
  const given: SessionEffect[] = loss.dead ? [{ do: 'close-peer', tryNumber: state.tryNumber }] : []
  const next = failures === 0 ? ask(reconnecting) : wait(reconnecting, backOffMs(failures, ambient.random), ambient)
  return { state: next.state, effects: [disarm('heal'), ...given, ...next.effects] }
}
