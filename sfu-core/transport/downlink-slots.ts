import { randomInt } from 'node:crypto'
import { SLOT_COUNT } from '../contract/limits.ts'
import { OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'
import type { SenderReport } from './rtp/rtcp.ts'
import { DOWNLINK_HEADER_BYTES, writeDownlinkHeader } from './rtp/rtp.ts'
import type { SrtpSender } from './srtp/srtp.ts'
import type { DownlinkPacket } from './transport.ts'

interface Slot {
  readonly ssrc: number
  readonly payloadType: number
  /** Packet index of RFC 3711 §3.3.1: rollover count and sequence number in one. */
  nextIndex: number
  packetCount: number
  octetCount: number
  lastTimestamp: number
  lastSentAtMs: number
  reportedPacketCount: number
}

/** The outgoing streams of one link: own SSRC, own numbering, one SRTP packet per packet. */
export class DownlinkSlots {
  readonly ssrcs: number[]
  readonly #slots: Slot[]

  constructor(payloadTypes: readonly number[]) {
    this.ssrcs = distinctSsrcs(SLOT_COUNT)
    this.#slots = this.ssrcs.map((ssrc, i) => ({
      ssrc,
      payloadType: payloadTypes[i] ?? 0,
      // Low, so that a listener who misses the first packets cannot guess a wrong rollover count.
      nextIndex: randomInt(1, 4096),
      packetCount: 0,
      octetCount: 0,
      lastTimestamp: 0,
      lastSentAtMs: 0,
      reportedPacketCount: 0,
    }))
  }

  /** The whole SRTP packet; null for a slot that does not exist. */
  seal(slotIndex: number, packet: DownlinkPacket, to: { srtp: SrtpSender; nowMs: number }): Buffer | null {
    const slot = this.#slots[slotIndex]
    if (!slot) return null
    const sealed = Buffer.allocUnsafe(DOWNLINK_HEADER_BYTES + packet.payload.length + to.srtp.tagBytes)
    writeDownlinkHeader(sealed, {
      payloadType: slot.payloadType,
      marker: packet.marker,
      sequenceNumber: slot.nextIndex % 65536,
      timestamp: packet.timestamp,
      ssrc: slot.ssrc,
      csrc: packet.speakerNumber,
    })
    to.srtp.protectRtp(sealed, DOWNLINK_HEADER_BYTES, packet.payload, Math.floor(slot.nextIndex / 65536))
    slot.nextIndex += 1
    slot.packetCount += 1
    slot.octetCount += packet.payload.length
    slot.lastTimestamp = packet.timestamp
    slot.lastSentAtMs = to.nowMs
    return sealed
  }

  /** Of the streams that sent something since the last reports (RFC 3550 §6.4). */
  reports(nowMs: number, wallClockMs: number): SenderReport[] {
    const active = this.#slots.filter((slot) => slot.packetCount !== slot.reportedPacketCount)
    return active.map((slot) => {
      slot.reportedPacketCount = slot.packetCount
      const sinceLast = Math.round(((nowMs - slot.lastSentAtMs) * OPUS_CLOCK_RATE_HZ) / 1000)
      return {
        ssrc: slot.ssrc,
        wallClockMs,
        rtpTimestamp: (slot.lastTimestamp + sinceLast) >>> 0,
        packetCount: slot.packetCount,
        octetCount: slot.octetCount,
      }
    })
  }
}

function distinctSsrcs(count: number): number[] {
  const ssrcs = new Set<number>()
  while (ssrcs.size < count) ssrcs.add(randomInt(1, 0xffff_ffff))
  return [...ssrcs]
}
