import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import type { RoomEvent } from '../../sfu-core/contract/state.ts'

/** What happened in a room, in order, for feeds to follow. `state`: everything anew. */
export type RoomNews =
  | { type: 'state' }
  | { type: 'events'; events: RoomEvent[] }
  | { type: 'node'; up: boolean }
  | { type: 'ended'; reason: ReasonCode }

export interface LoggedNews {
  /** For a client that resumes: names the publication that it knows last. */
  eventId: string
  news: RoomNews
}

/**
 * The last news of one room. Feeds hold a position in it and nothing else, so that a slow client costs no
 * memory: when it falls off the end, it gets a whole state.
 */
export class RoomLog {
  readonly #capacity: number
  #entries: LoggedNews[] = []
  /** The position of the first entry kept. */
  #start = 0
  #waiting = new Set<() => void>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** The position after the last entry. */
  get end(): number {
    return this.#start + this.#entries.length
  }

  add(entry: LoggedNews): void {
    this.#entries.push(entry)
    if (this.#entries.length > this.#capacity) {
      this.#entries.shift()
      this.#start += 1
    }
    this.wake()
  }

  /** Lets who waits for a change look again. */
  wake(): void {
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const wake of waiting) wake()
  }

  /** null: no longer kept. */
  at(position: number): LoggedNews | null {
    return this.#entries[position - this.#start] ?? null
  }

  /** The position after the first entry with that id; null where it is not kept. */
  after(eventId: string): number | null {
    const index = this.#entries.findIndex((entry) => entry.eventId === eventId)
    return index === -1 ? null : this.#start + index + 1
  }

  /** Resolves at the next entry or `wake`, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const wake = () => {
        signal.removeEventListener('abort', abort)
        resolve()
      }
      const abort = () => {
        this.#waiting.delete(wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', abort, { once: true })
    })
  }
}
