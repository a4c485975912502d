import type { Step } from './session-events.ts'
import type { Connected, Signals } from './session-state.ts'

/** Server or node fell silent while the sound flows: keep the sound, wait for them. */
export function hold(state: Connected, signals: Signals, nowMs: number): Step {
  return {
    state: {
      phase: 'reconnecting',
      sinceMs: nowMs,
      cause: signals.lineUp ? 'node' : 'server',
      tryNumber: state.lastTry,
      failures: state.failures,
      lastFailure: null,
      step: { step: 'holding' },
      signals,
      kept: { tryNumber: state.tryNumber, silent: state.mediaSilent },
    },
    effects: [],
  }
}
