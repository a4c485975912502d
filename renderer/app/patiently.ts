/** A failed try is followed by the next one after this, and each further one after twice as long. */
const AGAIN_FIRST_MS = 1_000
const AGAIN_MAX_MS = 30_000

/**
 * For parts of the page that are loaded when they are needed, and are needed most when the line is bad: tries until
 * it works. Never rejects.
 */
export async function patiently<T>(load: () => Promise<T>): Promise<T> {
  for (let pauseMs = AGAIN_FIRST_MS; ; pauseMs = Math.min(2 * pauseMs, AGAIN_MAX_MS)) {
    try {
      return await load()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}
