import type { Clock } from '../../clock.ts'

/** Somebody whose datagrams wait their turn. */
export interface HandshakePeer {
  /** One datagram of the peer's, now. Must not throw; takes under 1 ms (bench/handshake.ts). */
  onTurn(datagram: Buffer): void
}

interface HandshakeQueueOptions {
  clock: Clock
  /** Calls once, after the event loop has looked at its sockets. */
  defer?: (call: () => void) => void
}

export const HANDSHAKE_QUEUE = {
  /** Between two looks at the sockets. Media waits for this and for the step that is under way, no longer. */
  budgetMs: 2,
  /** The longest flight of a browser is four datagrams; it repeats a flight when we are late. */
  maxWaitingOfPeer: 16,
  /** 1,000 people who come at once, with all they may send; about 5 MB. */
  maxWaiting: 4_096,
} as const

/**
 * Handshakes of one thread: all asymmetric cryptography is done here, in slices between which media is served. Peers
 * take turns, a datagram each, so that nobody's flood makes others wait. What is too much is dropped, since
 * DTLS repeats what gets lost.
 */
export class HandshakeQueue {
  readonly #clock: Clock
  readonly #defer: (call: () => void) => void
  /** In the order of their turns. */
  readonly #waiting = new Map<HandshakePeer, Buffer[]>()
  #waitingCount = 0
  #isScheduled = false
  #dropped = 0
  #longestStepMs = 0

  constructor({ clock, defer = setImmediate }: HandshakeQueueOptions) {
    this.#clock = clock
    this.#defer = defer
  }

  /** @param datagram kept until its turn */
  push(peer: HandshakePeer, datagram: Buffer): void {
    const datagrams = this.#waiting.get(peer) ?? []
    if (datagrams.length >= HANDSHAKE_QUEUE.maxWaitingOfPeer || this.#waitingCount >= HANDSHAKE_QUEUE.maxWaiting) {
      this.#dropped += 1
      return
    }
    datagrams.push(datagram)
    this.#waitingCount += 1
    this.#waiting.set(peer, datagrams)
    this.#schedule()
  }

  /** The peer is gone, and what waits of it. */
  forget(peer: HandshakePeer): void {
    this.#waitingCount -= this.#waiting.get(peer)?.length ?? 0
    this.#waiting.delete(peer)
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#defer(() => this.#run())
  }

  #run(): void {
    this.#isScheduled = false
    const startedMs = this.#clock.monotonicMs()
    let nowMs = startedMs
    for (const [peer, datagrams] of this.#waiting) {
      const [datagram] = datagrams.splice(0, 1)
      // A Map gives what is set again after what is there: the peer goes to the end of the line.
      this.#waiting.delete(peer)
      if (datagrams.length > 0) this.#waiting.set(peer, datagrams)
      if (!datagram) continue
      this.#waitingCount -= 1
      peer.onTurn(datagram)
      const endedMs = this.#clock.monotonicMs()
      this.#longestStepMs = Math.max(this.#longestStepMs, endedMs - nowMs)
      nowMs = endedMs
      if (nowMs - startedMs >= HANDSHAKE_QUEUE.budgetMs) break
    }
    if (this.#waiting.size > 0) this.#schedule()
  }

  dump(): { waiting: number; dropped: number; longestStepMs: number } {
    return { waiting: this.#waitingCount, dropped: this.#dropped, longestStepMs: this.#longestStepMs }
  }
}
