import type { Clock } from '../clock.ts'

/** A clock that stands still until it is told how far to go. */
export interface FakeClock extends Clock {
  /** Calls what is due, in order, each at its own time. */
  advance(byMs: number): void
  /** Timers that wait: a room that is closed leaves none behind. */
  readonly pendingCount: number
}

interface Timer {
  dueMs: number
  call: () => void
}

export function createFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  const timers = new Set<Timer>()
  let nowMs = startMs
  const nextDue = (untilMs: number): Timer | undefined =>
    [...timers].filter((timer) => timer.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0]
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    after(delayMs, call) {
      const timer = { dueMs: nowMs + delayMs, call }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(byMs) {
      const untilMs = nowMs + byMs
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
        timers.delete(timer)
        nowMs = timer.dueMs
        timer.call()
      }
      nowMs = untilMs
    },
    get pendingCount() {
      return timers.size
    },
  }
}
