/** Time is passed in: the real one here, a fake one in tests. */
export interface WorkerClock {
  /** Monotonic; its zero is the worker's start. */
  nowMs(): number
  /** Ms since the Unix epoch; can be set. */
  wallMs(): number
  /** Calls once after `delayMs`; returns the way to call it off. */
  after(delayMs: number, call: () => void): () => void
}

export const workerClock: WorkerClock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs)
    return () => clearTimeout(timer)
  },
}
