/** Time is passed in: the real one here, a fake one in tests. */
export interface Clock {
  /** Ms since the Unix epoch. */
  nowMs(): number
  /** Calls once after `delayMs`; returns the way to call it off. */
  after(delayMs: number, call: () => void): () => void
}

export const browserClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs)
    return () => clearTimeout(timer)
  },
}
