import { finalReason } from './final-reasons.ts'
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
import { ICE_HEAL_MS, type KeptPeer, type Reconnecting, type Signals } from './session-state.ts'
import { ask, whileTrying } from './trying.ts'

/** The steps of a try, and a watch on the kept connection and on the line. */
export function whileReconnecting(state: Reconnecting, event: SessionEvent, ambient: Ambient): Step {
  switch (event.type) {
    case 'peer':
      return state.kept?.tryNumber === event.tryNumber
        ? keptPeer(state, state.kept, event.link, ambient)
        : whileTrying(state, event, ambient)
    case 'timer':
      return event.timer === 'heal' ? keptDidNotHeal(state) : whileTrying(state, event, ambient)
    case 'line':
      return signalled(state, { ...state.signals, lineUp: event.up }, ambient)
    case 'node':
      return signalled(state, { ...state.signals, nodeUp: event.up }, ambient)
    case 'seat-lost':
      return restart(state)
    case 'feed-refused': {
      const end = finalReason(event.reason, true)
      if (end !== null) return finish(end)
      return state.step.step === 'holding' ? ask(state) : unchanged(state)
    }
    default:
      return whileTrying(state, event, ambient)
  }
}

function keptPeer(state: Reconnecting, kept: KeptPeer, link: PeerLink, ambient: Ambient): Step {
  switch (link) {
    case 'connected':
      return healed({ ...state, kept: { ...kept, silent: false } }, ambient)
    case 'silent':
      return { state: { ...state, kept: { ...kept, silent: true } }, effects: [arm('heal', ICE_HEAL_MS)] }
    case 'dead':
      return giveUpKept(state)
  }
}

/** The old path is back before a new one was offered: go on with it. */
function healed(state: Reconnecting, ambient: Ambient): Step {
  if (state.kept === null || state.kept.silent) return unchanged(state)
  const dropTry: SessionEffect[] =
    state.step.step === 'asking' ? [{ do: 'close-peer', tryNumber: state.tryNumber }] : []
  const effects = [...dropTry, disarm('step'), disarm('heal')]
  if (!(state.signals.lineUp && state.signals.nodeUp))
    return { state: { ...state, step: { step: 'holding' } }, effects }
  return {
    state: {
      phase: 'connected',
      sinceMs: ambient.nowMs,
      tryNumber: state.kept.tryNumber,
      lastTry: state.tryNumber,
      failures: state.failures,
      mediaSilent: false,
    },
    effects,
  }
}

function keptDidNotHeal(state: Reconnecting): Step {
  return state.step.step === 'holding' && state.kept?.silent ? ask(state) : unchanged(state)
}

function giveUpKept(state: Reconnecting): Step {
  const given: SessionEffect[] =
    state.kept === null ? [] : [{ do: 'close-peer', tryNumber: state.kept.tryNumber }, disarm('heal')]
  const alone: Reconnecting = { ...state, kept: null }
  if (state.step.step !== 'holding') return { state: alone, effects: given }
  const next = ask(alone)
  return { state: next.state, effects: [...given, ...next.effects] }
}

function restart(state: Reconnecting): Step {
  const given = giveUpKept(state)
  if (given.state.phase !== 'reconnecting' || given.state.step.step !== 'waiting') return given
  const next = ask(given.state)
  return { state: next.state, effects: [...given.effects, ...next.effects] }
}

/** Line or node changed. Both up again: with sound, all is well; without, this is the moment to try. */
function signalled(state: Reconnecting, signals: Signals, ambient: Ambient): Step {
  const better = (signals.lineUp && !state.signals.lineUp) || (signals.nodeUp && !state.signals.nodeUp)
  const next: Reconnecting = { ...state, signals }
  if (!better || !(signals.lineUp && signals.nodeUp)) return unchanged(next)
  if (next.kept !== null && !next.kept.silent && next.step.step === 'holding') return healed(next, ambient)
  return next.step.step === 'waiting' || next.step.step === 'holding' ? ask(next) : unchanged(next)
}
