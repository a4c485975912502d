import { SLEEP_JUMP_MS, SLEEP_LOOK_INTERVAL_MS } from './limits.ts'
import type { WorkerClock } from './worker-clock.ts'

/**
 * Calls when the computer seems to have slept. Where the monotonic clock stands still meanwhile (Linux, macOS), the wall clock runs
 * ahead of it; where it goes on (Windows), our own timer comes late. Somebody who sets the clock forward looks the same: nothing is lost by a
 * false alarm. Returns the end.
 */
export function watchSleep(clock: WorkerClock, onWoke: () => void): () => void {
  let last = { nowMs: clock.nowMs(), wallMs: clock.wallMs() }
  let endWait: () => void = () => undefined
  const look = () => {
    const now = { nowMs: clock.nowMs(), wallMs: clock.wallMs() }
    const ranMs = now.nowMs - last.nowMs
    const aheadMs = now.wallMs - last.wallMs - ranMs
    last = now
    if (aheadMs > SLEEP_JUMP_MS || ranMs > SLEEP_LOOK_INTERVAL_MS + 2 * SLEEP_JUMP_MS) onWoke()
    endWait = clock.after(SLEEP_LOOK_INTERVAL_MS, look)
  }
  endWait = clock.after(SLEEP_LOOK_INTERVAL_MS, look)
  return () => endWait()
}
