import type { Clock } from '../clock.ts'
import type { ParticipantId } from '../contract/ids.ts'
import { Refusal } from '../contract/reasons.ts'
import type { MediaLink, MediaTransport } from '../transport/transport.ts'
import { ACCEPT_TIMEOUT_MS, PENDING_JOINS_PER_SEAT } from './limits.ts'
import { createLine, type Line } from './line.ts'

interface Waiting {
  /** Joins of this seat that wait for the transport. */
  count: number
  /** The newest join of this seat that was seated while others waited. */
  newestSeated: number
}

export interface AcceptedLink {
  link: MediaLink
  line: Line
}

/** Joins on their way through the transport. Of two joins of one seat the newer wins, whichever is done first (R85). */
export class Admission {
  readonly #transport: MediaTransport
  readonly #clock: Clock
  readonly #waiting = new Map<ParticipantId, Waiting>()
  #lastAttempt = 0

  constructor(transport: MediaTransport, clock: Clock) {
    this.#transport = transport
    this.#clock = clock
  }

  /** How many people wait of whom `counts` is true. */
  countWaiting(counts: (participantId: ParticipantId) => boolean): number {
    let people = 0
    for (const participantId of this.#waiting.keys()) if (counts(participantId)) people += 1
    return people
  }

  /**
   * Has the offer answered, then calls `seat`, unless a newer join of the same person was seated meanwhile.
   * Where `seat` throws, the link is closed: a join that fails leaves nothing behind.
   * @throws Refusal `too-many-requests`, `replaced`, `media-failed`, and those of MediaTransport.accept.
   */
  async admit<T>(participantId: ParticipantId, offerSdp: string, seat: (accepted: AcceptedLink) => T): Promise<T> {
    const waiting = this.#enqueue(participantId)
    this.#lastAttempt += 1
    const attempt = this.#lastAttempt
    try {
      const accepted = await this.#accept(offerSdp)
      try {
        if (waiting.newestSeated > attempt) throw new Refusal('replaced', 'a newer join of the same seat')
        const seated = seat(accepted)
        waiting.newestSeated = attempt
        return seated
      } catch (error) {
        accepted.link.close()
        throw error
      }
    } finally {
      waiting.count -= 1
      if (waiting.count === 0) this.#waiting.delete(participantId)
    }
  }

  #enqueue(participantId: ParticipantId): Waiting {
    const waiting = this.#waiting.get(participantId) ?? { count: 0, newestSeated: 0 }
    if (waiting.count >= PENDING_JOINS_PER_SEAT)
      throw new Refusal('too-many-requests', 'joins of this seat are waiting')
    waiting.count += 1
    this.#waiting.set(participantId, waiting)
    return waiting
  }

  /** An answer that comes too late is closed. */
  #accept(offerSdp: string): Promise<AcceptedLink> {
    const line = createLine()
    return new Promise((resolve, reject) => {
      let late = false
      const cancelTimer = this.#clock.after(ACCEPT_TIMEOUT_MS, () => {
        late = true
        reject(new Refusal('media-failed', 'the transport did not answer in time'))
      })
      this.#transport.accept(offerSdp, line.events).then(
        (link) => {
          cancelTimer()
          if (!late && !line.closed) return resolve({ link, line })
          link.close()
          reject(new Refusal('media-failed', 'the link ended while it was made'))
        },
        (error: unknown) => {
          cancelTimer()
          reject(error)
        },
      )
    })
  }
}
