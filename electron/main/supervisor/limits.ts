/** From fork to `loaded`: loading the bundle takes 0.3 s here; a cold disk and a slow machine get much more. */
export const LOADED_TIMEOUT_MS = 10_000
/** From `loaded` to `ready` at the first start: a person waits before the screen. Later the line mends itself. */
export const READY_TIMEOUT_MS = 15_000
/** From the wish to stop to the kill. Takes are flushed every second, so that a kill loses next to nothing. */
export const STOP_WAIT_MS = 1_000
/** From the kill to giving up on the news of its end. */
export const KILL_WAIT_MS = 400
/** Wait before a restart, by the number of crashes in the last minute. The first is at once: people are waiting to hear. */
export const BACK_OFF_MS = [0, 500, 1_000, 2_000] as const
/** A process that died this often within CRASH_WINDOW_MS will die again. */
export const CRASHES_MAX = BACK_OFF_MS.length + 1
export const CRASH_WINDOW_MS = 60_000
