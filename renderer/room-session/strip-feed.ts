import type { TapeStanding } from '../../sfu-core/contract/tape.ts'
import { type Cell, cell } from './cell.ts'
import type { Clock } from './clock.ts'
import type { SignallingPort } from './ports.ts'

/** What the server says of the speakers' recordings; null until it has said anything. */
export type Strip = readonly TapeStanding[] | null

export interface StripFeedOptions {
  signalling: Pick<SignallingPort, 'strip'>
  clock: Pick<Clock, 'after'>
}

/** A feed that ended although the visit goes on (a server that just started does not know the room yet) is asked for again after this. */
export const STRIP_AGAIN_MS = 5_000

/** Follows how safe the recordings are, for whom it concerns, from then on for the whole visit: the last of it comes after the stage. */
export class StripFeed {
  readonly strip: Cell<Strip>
  readonly #strip = cell<Strip>(null)
  readonly #options: StripFeedOptions
  #seat: string | null = null
  #end: (() => void) | null = null
  #isClosed = false

  constructor(options: StripFeedOptions) {
    this.strip = this.#strip
    this.#options = options
  }

  /** Begins, or goes on with a newer seat. */
  follow(seat: string): void {
    if (this.#isClosed || seat === this.#seat) return
    this.#seat = seat
    this.#subscribe(seat)
  }

  get isFollowing(): boolean {
    return this.#seat !== null
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#end?.()
    this.#end = null
  }

  #subscribe(seat: string): void {
    this.#end?.()
    this.#end = this.#options.signalling.strip(seat, {
      onStandings: (standings) => this.#strip.set(standings),
      onEnd: () => {
        this.#end = this.#options.clock.after(STRIP_AGAIN_MS, () => this.#subscribe(seat))
      },
    })
  }
}
