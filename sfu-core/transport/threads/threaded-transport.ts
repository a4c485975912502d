import { systemClock } from '../../clock.ts'
import { Refusal } from '../../contract/reasons.ts'
import type { NodeTransport, NodeTransportDump } from '../create-node-transport.ts'
import type { Fanout, MediaLink, MediaLinkEvents } from '../transport.ts'
import type { TransportLog } from '../webrtc-transport.ts'
import { MediaThreadHandle } from './media-thread-handle.ts'
import type { MediaThreadOptions } from './thread-messages.ts'
import { ThreadedFanout } from './threaded-fanout.ts'

export interface ThreadedTransportOptions extends MediaThreadOptions {
  /** Media threads, one or more, each with a UDP port of its own: a port range must have as many. */
  threads: number
  log?: TransportLog | undefined
}

/**
 * The transport on several threads: people are spread over them, and each thread does the handshakes, opens what its
 * people say and seals and sends what they hear. Rooms, forwarding and recording stay on the thread that calls this.
 */
export class ThreadedTransport implements NodeTransport {
  readonly #threads: readonly MediaThreadHandle[]
  #lastFanoutId = 0

  constructor({ threads, log, ...options }: ThreadedTransportOptions) {
    this.#threads = Array.from({ length: threads }, (_, i) => {
      const { packetDumpFile: file } = options
      const ownOptions = { ...options, packetDumpFile: file && `${file}.${i}` }
      return new MediaThreadHandle({ options: ownOptions, clock: systemClock, log })
    })
  }

  /** @throws Refusal `media-failed` where a thread finds no UDP port. */
  async ready(): Promise<void> {
    // One after the other: they look for free ports in the same range.
    for (const thread of this.#threads) await thread.ready()
  }

  async accept(offerSdp: string, events: MediaLinkEvents): Promise<MediaLink> {
    const [first, ...others] = this.#threads
    if (!first) throw new Refusal('media-failed', 'there is no media thread')
    return others.reduce((least, other) => (other.load < least.load ? other : least), first).accept(offerSdp, events)
  }

  askStunServers(servers: readonly string[]): void {
    for (const thread of this.#threads) thread.tell({ do: 'ask-stun-servers', servers })
  }

  createFanout(): Fanout {
    this.#lastFanoutId += 1
    return new ThreadedFanout(this.#lastFanoutId)
  }

  async dump(): Promise<NodeTransportDump> {
    return { threads: await Promise.all(this.#threads.map((thread) => thread.dump())) }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }
}
