import { setTimeout as delay } from 'node:timers/promises'
import type { Connection } from '../call-context.ts'
import { FEED_DRAIN_CHECK_MS, FEED_UNSENT_MAX_BYTES } from '../limits.ts'

/**
 * Waits while too much is unsent on the caller's socket. `ws` tells no drain, so this looks from time to
 * time; the feed keeps its position meanwhile and may fall behind.
 */
export async function waitForRoom(caller: Connection, signal: AbortSignal): Promise<void> {
  while (caller.unsentBytes() > FEED_UNSENT_MAX_BYTES && !signal.aborted) {
    await delay(FEED_DRAIN_CHECK_MS, undefined, { signal }).catch(() => {})
  }
}
