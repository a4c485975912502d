import { OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'

/** A packet this far behind, in number and in time, is an old one that comes late or twice; further off, the sender began anew. */
const LATE_MAX_PACKETS = 500
const LATE_MAX_SAMPLES = 10 * OPUS_CLOCK_RATE_HZ

/**
 * Which packets of one sender go on from those before. A late one is not forwarded: the streams to the listeners only go on, so
 * that a redundant block (RFC 2198) or a merged packet never has to reach back. Whoever sends RED loses nothing by it: the sound
 * of the late packet came in order, with the packet after it.
 */
export class UplinkOrder {
  #begun = false
  #sequenceNumber = 0
  #timestamp = 0

  /** `sequenceNumber` of 16, `timestamp` of 32 bits. False: late, or there already. */
  accept(sequenceNumber: number, timestamp: number): boolean {
    if (this.#begun && this.#isLate(sequenceNumber, timestamp)) return false
    this.#begun = true
    this.#sequenceNumber = sequenceNumber
    this.#timestamp = timestamp
    return true
  }

  /** Another stream: its numbers say nothing about those before. */
  reset(): void {
    this.#begun = false
  }

  #isLate(sequenceNumber: number, timestamp: number): boolean {
    const steps = ((sequenceNumber - this.#sequenceNumber) << 16) >> 16
    const advance = (timestamp - this.#timestamp) | 0
    const isBehind = steps <= 0 && advance <= 0
    return isBehind && steps > -LATE_MAX_PACKETS && advance > -LATE_MAX_SAMPLES
  }
}
