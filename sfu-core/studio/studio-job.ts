/** What every job of the studio has in common. */

export interface StudioProgress {
  step: 'reading' | 'aligning' | 'cleaning' | 'mixing' | 'encoding' | 'packing'
  /** Of the whole job, 0 to 1. */
  progress: number
}

export interface StudioJobOptions {
  onProgress(progress: StudioProgress): void
  /** Once aborted the job throws the signal's reason, and removes what it had begun to write. */
  signal: AbortSignal
}

/**
 * Lets the process hear what has come meanwhile (the abort is a message), between two stretches of synchronous work.
 * @throws the signal's reason once it is aborted.
 */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
  signal.throwIfAborted()
}
