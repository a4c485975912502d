/** Time is passed in: the real one here, a fake one in test/. */
export interface Clock {
  /** Wall clock, ms since the Unix epoch. */
  nowMs(): number
  /** Monotonic, ms with fraction; origin without meaning. */
  monotonicMs(): number
  /** Calls once after `delayMs`; returns the way to call it off. */
  after(delayMs: number, call: () => void): () => void
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs)
    return () => clearTimeout(timer)
  },
}
