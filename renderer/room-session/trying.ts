import { backOffMs } from './back-off.ts'
import { finalReason } from './final-reasons.ts'
import { hold } from './holding.ts'
import type { FailureReason, PeerLink } from './ports.ts'
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
import { type Connected, type Joining, type Reconnecting, STEP_TIMEOUT_MS } from './session-state.ts'

/** A state that is on its way in. */
type Trying = Joining | Reconnecting

/** The steps of a try, when entering and when coming back. */
export function whileTrying(state: Trying, event: SessionEvent, ambient: Ambient): Step {
  switch (event.type) {
    case 'admitted':
      return isStep(state, event.tryNumber, 'asking') ? offer(state) : unchanged(state)
    case 'answered':
      return isStep(state, event.tryNumber, 'offering')
        ? {
            state: { ...state, step: { step: 'connecting' } },
            effects: [arm('step', STEP_TIMEOUT_MS.connecting)],
          }
        : unchanged(state)
    case 'try-failed':
      return event.tryNumber === state.tryNumber && inFlight(state) ? fail(state, event, ambient) : unchanged(state)
    case 'peer':
      return event.tryNumber === state.tryNumber ? tryPeer(state, event.link, ambient) : unchanged(state)
    case 'timer':
      return event.timer === 'step' ? stepTimedOut(state, ambient) : unchanged(state)
    default:
      return wakes(event) && state.step.step === 'waiting' ? ask(state) : unchanged(state)
  }
}

/** News that makes the next try worth making now. */
function wakes(event: SessionEvent): boolean {
  switch (event.type) {
    case 'line':
    case 'node':
      return event.up
    default:
      return event.type === 'online' || event.type === 'seat-lost'
  }
}

function isStep(state: Trying, tryNumber: number, step: 'asking' | 'offering'): boolean {
  return state.tryNumber === tryNumber && state.step.step === step
}

function inFlight(state: Trying): boolean {
  return state.step.step !== 'waiting' && state.step.step !== 'holding'
}

/** The next try, now. */
export function ask(state: Trying): Step {
  const tryNumber = state.tryNumber + 1
  return {
    state: { ...state, tryNumber, step: { step: 'asking' } },
    effects: [{ do: 'ask', tryNumber }, arm('step', STEP_TIMEOUT_MS.asking)],
  }
}

/** From here on the node may give the seat to the new connection, so the kept one is given up. */
function offer(state: Trying): Step {
  const step = { step: 'offering' } as const
  const effects: SessionEffect[] = [
    { do: 'send-offer', tryNumber: state.tryNumber },
    arm('step', STEP_TIMEOUT_MS.offering),
  ]
  if (state.phase === 'joining' || state.kept === null) return { state: { ...state, step }, effects }
  return {
    state: { ...state, step, kept: null },
    effects: [{ do: 'close-peer', tryNumber: state.kept.tryNumber }, disarm('heal'), ...effects],
  }
}

function tryPeer(state: Trying, link: PeerLink, ambient: Ambient): Step {
  if (!inFlight(state)) return unchanged(state)
  if (link === 'connected') return state.step.step === 'connecting' ? arrive(state, ambient) : unchanged(state)
  if (link === 'silent') return unchanged(state)
  return fail(state, { reason: 'media-failed', retryAfterMs: null }, ambient)
}

function arrive(state: Trying, ambient: Ambient): Step {
  const connected: Connected = {
    phase: 'connected',
    sinceMs: ambient.nowMs,
    tryNumber: state.tryNumber,
    lastTry: state.tryNumber,
    failures: state.failures,
    mediaSilent: false,
  }
  const lineUp = state.phase === 'joining' || state.signals.lineUp
  const next = lineUp ? { state: connected, effects: [] } : hold(connected, { lineUp, nodeUp: true }, ambient.nowMs)
  return { state: next.state, effects: [disarm('step'), ...next.effects] }
}

function stepTimedOut(state: Trying, ambient: Ambient): Step {
  switch (state.step.step) {
    case 'waiting':
      return ask(state)
    case 'holding':
      return unchanged(state)
    case 'connecting':
      return fail(state, { reason: 'media-failed', retryAfterMs: null }, ambient)
    case 'asking':
    case 'offering':
      return fail(state, { reason: 'timed-out', retryAfterMs: null }, ambient)
  }
}

function fail(state: Trying, failure: { reason: FailureReason; retryAfterMs: number | null }, ambient: Ambient): Step {
  const end = finalReason(failure.reason, state.phase === 'reconnecting')
  if (end !== null) return finish(end)
  const delayMs = Math.max(backOffMs(state.failures, ambient.random), failure.retryAfterMs ?? 0)
  const failed = { ...state, failures: state.failures + 1, lastFailure: failure.reason }
  const next = wait(failed, delayMs, ambient)
  const forget: SessionEffect[] = failure.reason === 'seat-unknown' ? [{ do: 'forget-seat' }] : []
  return { state: next.state, effects: [{ do: 'close-peer', tryNumber: state.tryNumber }, ...forget, ...next.effects] }
}

/** The next try, later. */
export function wait(state: Trying, delayMs: number, ambient: Ambient): Step {
  return {
    state: { ...state, step: { step: 'waiting', untilMs: ambient.nowMs + delayMs } },
    effects: [arm('step', delayMs)],
  }
}
