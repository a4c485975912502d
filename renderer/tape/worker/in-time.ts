import type { WorkerClock } from './worker-clock.ts'

/** Work that was not done by then is given up: it may still come to its end, but nobody waits for it. */
export class LateError extends Error {
  override readonly name = 'LateError'
}

/** As `work`, but rejects with a LateError after `limitMs`: a disk that never answers must not stop a tape without a word. */
export function inTime<T>(work: Promise<T>, limitMs: number, clock: Pick<WorkerClock, 'after'>): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = clock.after(limitMs, () => reject(new LateError(`not done within ${limitMs} ms`)))
    work.then(resolve, reject).finally(end)
  })
}
