import { OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'

const SAMPLES_PER_MS = OPUS_CLOCK_RATE_HZ / 1000
/**
 * A speaker's timestamps may run this much away from the clock before the slot stops believing them: a network
 * stall is shorter, a microphone that was off (its RTP clock stood still) or a restarted sender is further off.
 */
const MAX_DISAGREEMENT_SAMPLES = 2 * OPUS_CLOCK_RATE_HZ

interface SourcePacket {
  speakerNumber: number
  sequenceNumber: number
  timestamp: number
  packetSamples: number
  arrivalMs: number
}

interface Source {
  speakerNumber: number
  /** Added to the speaker's timestamps. */
  offset: number
  sequenceNumber: number
  timestamp: number
  packetSamples: number
  arrivalMs: number
  /** The highest outgoing timestamp. */
  outgoing: number
}

/** Where a packet lies in its slot's stream. */
interface SlotPlace {
  /** 32 bits. */
  timestamp: number
  /** First packet of a voice, or after silence. */
  marker: boolean
}

/**
 * One slot's RTP clock: continuous whoever speaks. Within one voice it keeps the speaker's own spacing, so that
 * jitter and loss stay visible to the listener; from one voice to the next it advances by our clock.
 */
export class SlotTimeline {
  readonly #firstTimestamp: number
  #source: Source | null = null

  constructor(firstTimestamp: number) {
    this.#firstTimestamp = firstTimestamp >>> 0
  }

  place(packet: SourcePacket): SlotPlace {
    const source = this.#source
    if (!source || source.speakerNumber !== packet.speakerNumber || !agrees(source, packet)) return this.#begin(packet)
    const timestamp = (packet.timestamp + source.offset) >>> 0
    const advance = (packet.timestamp - source.timestamp) | 0
    if (advance <= 0) return { timestamp, marker: false }
    // RFC 7587 §4.1: the sender was silent where time passed and no packet was numbered.
    const isNext = ((packet.sequenceNumber - source.sequenceNumber) & 0xffff) === 1
    const marker = isNext && advance > source.packetSamples
    this.#source = { ...packet, offset: source.offset, outgoing: timestamp }
    return { timestamp, marker }
  }

  #begin(packet: SourcePacket): SlotPlace {
    const before = this.#source
    const outgoing = before ? (before.outgoing + sinceLast(before, packet)) >>> 0 : this.#firstTimestamp
    this.#source = { ...packet, offset: (outgoing - packet.timestamp) | 0, outgoing }
    return { timestamp: outgoing, marker: true }
  }
}

/** By our clock, never less than what the last packet lasts. */
function sinceLast(before: Source, packet: SourcePacket): number {
  const elapsed = Math.round((packet.arrivalMs - before.arrivalMs) * SAMPLES_PER_MS)
  return Math.max(elapsed, before.packetSamples)
}

function agrees(source: Source, packet: SourcePacket): boolean {
  const byTimestamps = (packet.timestamp - source.timestamp) | 0
  const byClock = (packet.arrivalMs - source.arrivalMs) * SAMPLES_PER_MS
  return Math.abs(byTimestamps - byClock) <= MAX_DISAGREEMENT_SAMPLES
}
