import { OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'

/** A network that was stalled may hand over this much at once. */
export const UPLINK_BURST_SAMPLES = 10 * OPUS_CLOCK_RATE_HZ
/** Shorter packets count as this long: each costs the room a packet per listener. Clients send 10 ms at the shortest. */
const PACKET_MIN_SAMPLES = OPUS_CLOCK_RATE_HZ / 100
const SAMPLES_PER_MS = OPUS_CLOCK_RATE_HZ / 1000

/** Sound comes at the pace of time. Who sends more makes the node send more to everybody: the rest is dropped. */
export class UplinkBudget {
  /** By how much the speaker is ahead of time. */
  #aheadSamples = 0
  #atMs = 0

  /** False: too much. */
  spend(packetSamples: number, nowMs: number): boolean {
    const elapsed = (nowMs - this.#atMs) * SAMPLES_PER_MS
    const ahead = Math.max(0, this.#aheadSamples - elapsed) + Math.max(packetSamples, PACKET_MIN_SAMPLES)
    const isWithin = ahead <= UPLINK_BURST_SAMPLES
    this.#aheadSamples = isWithin ? ahead : Math.max(0, this.#aheadSamples - elapsed)
    this.#atMs = nowMs
    return isWithin
  }
}
