import type { DownlinkPacket } from '../transport.ts'

/** Packets that can be asked for again: 1.3 s of 20 ms packets, longer than any jitter buffer waits. A power of two. */
export const RING_PACKETS = 64

/** The last packets of one slot of one channel, in the clear, shared by all listeners (RFC 4585, RFC 2198). */
export class PacketRing {
  readonly #packets: (DownlinkPacket | undefined)[] = new Array(RING_PACKETS)
  #nextIndex = 0
  /** When its latest packet began to be sent (monotonic), and that packet's RTP timestamp: a sender report's two clocks. */
  sentAtMs = 0
  sentTimestamp = 0

  /** Index of the packet that comes next. */
  get nextIndex(): number {
    return this.#nextIndex
  }

  /** Keeps a copy; gives its index. */
  push(packet: DownlinkPacket): number {
    const index = this.#nextIndex
    this.#packets[index % RING_PACKETS] = { ...packet, payload: packet.payload.slice() }
    this.#nextIndex += 1
    return index
  }

  /** Null for what is not there any more, or not yet. */
  get(index: number): DownlinkPacket | null {
    if (index < 0 || index >= this.#nextIndex || index < this.#nextIndex - RING_PACKETS) return null
    return this.#packets[index % RING_PACKETS] ?? null
  }
}
