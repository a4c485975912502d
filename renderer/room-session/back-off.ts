import { BACKOFF_FIRST_MS, BACKOFF_MAX_MS } from './session-state.ts'

/**
 * The wait before the next try: doubling from BACKOFF_FIRST_MS to BACKOFF_MAX_MS, of which the upper half is chance,
 * so that a room of people does not come back in one instant. `random` is 0 to 1.
 */
export function backOffMs(failures: number, random: number): number {
  const ceilingMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(failures, 16))
  return ceilingMs * (0.5 + random / 2)
}
