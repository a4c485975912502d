import { OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'

const SAMPLES_PER_MS = OPUS_CLOCK_RATE_HZ / 1000
/**
 * A speaker's timestamps may run this much away from the clock before the slot stops believing them: a network
 * stall is shorter, a microphone that was off (its RTP clock stood still) or a restarted sender is further off.
 */
const MAX_DISAGREEMENT_SAMPLES = 2 * OPUS_CLOCK_RATE_HZ
export interface SourcePacket {
  speakerNumber: number
  /** 16 bits. */
  sequenceNumber: number
  /** 32 bits. */
  timestamp: number
  packetSamples: number
  arrivalMs: number
}

/** `first`: of a voice in this slot; `next`: goes on; `gap`: goes on after time in which the sender numbered no packets. */
export type SlotPlace = 'first' | 'next' | 'gap'

/**
 * One slot's RTP clock: it only goes on, whoever speaks, and what lies in it never overlaps. Within one voice it keeps the
 * speaker's own spacing, so that jitter and loss stay visible to the listener; from one voice to the next it advances by our
 * clock.
 */
export class SlotTimeline {
  /** Of the packet that was placed last; 32 bits. */
  timestamp: number
  #begun = false
  #speakerNumber = 0
  /** Added to the speaker's timestamps. */
  #offset = 0
  #sequenceNumber = 0
  #sourceTimestamp = 0
  #packetSamples = 0
  #arrivalMs = 0

  constructor(firstTimestamp: number) {
    this.timestamp = firstTimestamp >>> 0
  }

  /** Sets `timestamp`. Packets of one speaker come in order: see uplink-order.ts. */
  place(packet: SourcePacket): SlotPlace {
    if (!this.#begun || packet.speakerNumber !== this.#speakerNumber) return this.#begin(packet)
    const steps = ((packet.sequenceNumber - this.#sequenceNumber) << 16) >> 16
    const advance = (packet.timestamp - this.#sourceTimestamp) | 0
    if (steps <= 0 || advance < this.#packetSamples || !this.#agrees(packet, advance)) return this.#begin(packet)
    const isGap = steps === 1 && advance > this.#packetSamples
    this.timestamp = (packet.timestamp + this.#offset) >>> 0
    this.#remember(packet)
    return isGap ? 'gap' : 'next'
  }

  #begin(packet: SourcePacket): SlotPlace {
    if (this.#begun) this.timestamp = (this.timestamp + this.#sinceLast(packet)) >>> 0
    this.#begun = true
    this.#speakerNumber = packet.speakerNumber
    this.#offset = (this.timestamp - packet.timestamp) | 0
    this.#remember(packet)
    return 'first'
  }

  #remember(packet: SourcePacket): void {
    this.#sequenceNumber = packet.sequenceNumber
    this.#sourceTimestamp = packet.timestamp
    this.#packetSamples = packet.packetSamples
    this.#arrivalMs = packet.arrivalMs
  }

  /** By our clock, never less than what the last packet lasts. */
  #sinceLast(packet: SourcePacket): number {
    const elapsed = Math.round((packet.arrivalMs - this.#arrivalMs) * SAMPLES_PER_MS)
    return Math.max(elapsed, this.#packetSamples)
  }

  #agrees(packet: SourcePacket, advance: number): boolean {
    const byClock = (packet.arrivalMs - this.#arrivalMs) * SAMPLES_PER_MS
    return Math.abs(advance - byClock) <= MAX_DISAGREEMENT_SAMPLES
  }
}
