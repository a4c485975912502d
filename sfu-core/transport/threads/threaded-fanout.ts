import type { DownlinkPacket, Fanout, FanoutMember, MediaLink } from '../transport.ts'
import { type LinkThread, ThreadedLink } from './threaded-link.ts'

/** A fanout whose members are on media threads: a packet goes once to each thread that has somebody in its channel. */
export class ThreadedFanout implements Fanout {
  readonly #fanoutId: number
  readonly #channelOf = new Map<ThreadedLink, number>()
  /** How many members of each channel a thread has. */
  readonly #threads = new Map<LinkThread, number[]>()

  constructor(fanoutId: number) {
    this.#fanoutId = fanoutId
  }

  join(link: MediaLink, member: FanoutMember): void {
    if (!(link instanceof ThreadedLink)) return
    this.#count(link, member.channel)
    link.thread.tell({ do: 'join', fanoutId: this.#fanoutId, linkId: link.linkId, member })
  }

  leave(link: MediaLink): void {
    if (!(link instanceof ThreadedLink) || !this.#channelOf.has(link)) return
    this.#count(link, null)
    link.thread.tell({ do: 'leave', fanoutId: this.#fanoutId, linkId: link.linkId })
  }

  #count(link: ThreadedLink, channel: number | null): void {
    const counts = this.#threads.get(link.thread) ?? []
    this.#threads.set(link.thread, counts)
    const before = this.#channelOf.get(link)
    if (before !== undefined) counts[before] = (counts[before] ?? 0) - 1
    if (channel === null) {
      this.#channelOf.delete(link)
      return
    }
    counts[channel] = (counts[channel] ?? 0) + 1
    this.#channelOf.set(link, channel)
  }

  send(channel: number, slot: number, packet: DownlinkPacket): void {
    // A copy of its own: cloning a view would clone all the memory that it looks at.
    let copy: DownlinkPacket | null = null
    for (const [thread, counts] of this.#threads) {
      if (!counts[channel]) continue
      copy ??= { ...packet, payload: packet.payload.slice() }
      thread.tell({ do: 'send', fanoutId: this.#fanoutId, channel, slot, packet: copy })
    }
  }

  close(): void {
    for (const thread of this.#threads.keys()) thread.tell({ do: 'close-fanout', fanoutId: this.#fanoutId })
    this.#threads.clear()
    this.#channelOf.clear()
  }
}
