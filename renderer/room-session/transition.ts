import { whileConnected } from './connected.ts'
import { whileReconnecting } from './reconnecting.ts'
import { type Ambient, arm, finish, type SessionEvent, type Step, unchanged } from './session-events.ts'
import { type SessionState, STEP_TIMEOUT_MS } from './session-state.ts'
import { whileTrying } from './trying.ts'

/** The first state and what starts it. */
export function begin(nowMs: number): Step {
  return {
    state: {
      phase: 'joining',
      sinceMs: nowMs,
      tryNumber: 1,
      failures: 0,
      lastFailure: null,
      step: { step: 'asking' },
    },
    effects: [{ do: 'ask', tryNumber: 1 }, arm('step', STEP_TIMEOUT_MS.asking)],
  }
}

/** The whole life of a connection. Pure: what must be done comes back as effects, in order. */
export function transition(state: SessionState, event: SessionEvent, ambient: Ambient): Step {
  if (state.phase === 'left') return unchanged(state)
  if (event.type === 'leave') return finish('left')
  if (event.type === 'expelled') return finish(event.reason)
  switch (state.phase) {
    case 'joining':
      return whileTrying(state, event, ambient)
    case 'connected':
      return whileConnected(state, event, ambient)
    case 'reconnecting':
      return whileReconnecting(state, event, ambient)
  }
}
