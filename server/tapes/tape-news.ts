import type { TakeId } from '../../sfu-core/contract/ids.ts'

type Listener = (takeId: TakeId) => void

/** Tells that something came to a take's tapes: a tape, a chunk, an end. */
export class TapeNews {
  readonly #listeners = new Set<Listener>()

  /** Returns the way to stop. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  tell(takeId: TakeId): void {
    for (const listener of this.#listeners) listener(takeId)
  }
}
