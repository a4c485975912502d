import { randomInt } from 'node:crypto'
import { SLOT_COUNT } from '../../contract/limits.ts'
import { OPUS_CLOCK_RATE_HZ } from '../../contract/media.ts'
import { sendSoon } from '../ice/send-soon.ts'
import type { UdpSocket } from '../ice/udp-sockets.ts'
import type { LinkCounters } from '../insight/counters.ts'
import type { LinkPackets } from '../insight/packet-dump.ts'
import type { SenderReport } from '../rtp/rtcp.ts'
import type { OfferSection } from '../sdp/offer.ts'
import type { RtpBody, Sealer, SealStream, SrtpSession } from '../srtp/sealer.ts'
import { type DatagramBatch, type KernelRoute, kernelAddressOf } from '../udp/datagram-batch.ts'
import type { PacketRing } from './packet-ring.ts'

/** What is prepared for: 20 ms of speech at up to 60 kb/s, 60 ms at 50. */
const STAGE_PAYLOAD_BYTES = 150
const AUDIENCE_PAYLOAD_BYTES = 380

/** Where a peer is to be sent to. */
export interface Route extends KernelRoute {
  readonly socket: UdpSocket
}

/** One outgoing stream of a link: one section's SSRC. */
export interface OutStream {
  readonly seal: SealStream
  /** Where its packets came from, since packet index `sameFrom`: ring index minus packet index, and whether as RED. */
  ring: PacketRing | null
  ringOffset: number
  isRed: boolean
  sameFrom: number
  readonly opusPayloadType: number
  readonly redPayloadType: number | null
  reportedPackets: number
}

/** Packet indexes begin low, so that a listener who misses the first packets cannot guess a wrong rollover count (RFC 3711 §3.3.1). */
const FIRST_INDEX_MAX = 4_096
/** Repeated packets that a link may ask for: all of one second at 20 ms, so that asking cannot multiply what a node sends. */
const RETRANSMISSIONS_PER_S = 50

interface DownlinkOptions {
  /** One per section. */
  ssrcs: readonly number[]
  sections: readonly OfferSection[]
  counters: LinkCounters
  packets?: LinkPackets | null
}

/** The way out to one participant: their streams, numbered and keyed, and where they go. */
export class Downlink {
  // What each packet needs comes first: an object is in no cache when its turn comes, and is fetched by 64 bytes.
  /** Where to send; null while there is no path. Its owner keeps it, so that a packet need not ask. */
  route: Route | null = null
  /** Sends RED where negotiated (RFC 2198): this listener loses packets. */
  prefersRed = false
  readonly counters: LinkCounters
  readonly #streams: (OutStream | null)[]
  readonly #packets: LinkPackets | null
  readonly ssrcs: readonly number[]
  readonly #sections: readonly OfferSection[]
  #session: SrtpSession | null = null
  #sealer: Sealer | null = null
  #expectedSection: number | null = null
  #allowance = RETRANSMISSIONS_PER_S
  #allowanceAtMs = 0

  constructor({ ssrcs, sections, counters, packets }: DownlinkOptions) {
    this.#packets = packets ?? null
    this.#sections = sections
    this.counters = counters
    this.#streams = sections.map(() => null)
    this.ssrcs = ssrcs
  }

  /** From now on packets can be sealed. */
  secure(session: SrtpSession, sealer: Sealer): void {
    this.#session = session
    this.#sealer = sealer
    this.#prepare()
  }

  /** The first of the SLOT_COUNT sections that this person is going to be sent. */
  expect(firstSection: number): void {
    this.#expectedSection = firstSection
    this.#prepare()
  }

  /** Streams are made when people come, one after the other, and not all with the first word that is said. */
  #prepare(): void {
    const first = this.#expectedSection
    if (first === null || !this.#session) return
    for (let section = first; section < first + SLOT_COUNT; section++) {
      const stream = this.stream(section)
      if (stream) this.#sealer?.prepare(stream.seal, first === 0 ? STAGE_PAYLOAD_BYTES : AUDIENCE_PAYLOAD_BYTES)
    }
  }

  /** Opened when first sent to: most people are only ever sent one of the two sets. */
  stream(section: number): OutStream | null {
    const known = this.#streams[section]
    if (known) return known
    const negotiated = this.#sections[section]
    const ssrc = this.ssrcs[section]
    if (!this.#session || !negotiated || ssrc === undefined) {
      this.counters.droppedUnsecured += 1
      return null
    }
    const opened: OutStream = {
      seal: this.#session.openStream({
        ssrc,
        payloadType: negotiated.opusPayloadType,
        ...(negotiated.redPayloadType !== null && { redPayloadType: negotiated.redPayloadType }),
        firstIndex: randomInt(1, FIRST_INDEX_MAX),
      }),
      ring: null,
      ringOffset: 0,
      isRed: false,
      sameFrom: 0,
      opusPayloadType: negotiated.opusPayloadType,
      redPayloadType: negotiated.redPayloadType,
      reportedPackets: 0,
    }
    this.#streams[section] = opened
    return opened
  }

  /** The lifetime of the keys is over (RFC 3711 §9.2): nothing more can be sent. */
  get isExhausted(): boolean {
    return this.#session?.state === 'exhausted'
  }

  acceptsRed(section: number): boolean {
    return this.prefersRed && this.#sections[section]?.redPayloadType != null
  }

  /** The stream with this SSRC, if it has sent anything. */
  streamOf(ssrc: number): OutStream | null {
    return this.#streams[this.ssrcs.indexOf(ssrc)] ?? null
  }

  /** Whether one more packet may be repeated now. */
  mayRetransmit(nowMs: number): boolean {
    const earned = ((nowMs - this.#allowanceAtMs) * RETRANSMISSIONS_PER_S) / 1_000
    this.#allowance = Math.min(RETRANSMISSIONS_PER_S, this.#allowance + earned)
    this.#allowanceAtMs = nowMs
    if (this.#allowance < 1) return false
    this.#allowance -= 1
    return true
  }

  /** Counts as dropped what cannot be sent. */
  get hasRoute(): boolean {
    if (this.route !== null) return true
    this.counters.droppedPathless += 1
    return false
  }

  /** Sends or drops. The memory must not be used again. */
  sendDatagram(datagram: Uint8Array): void {
    const { route } = this
    if (!route) return
    this.counters.datagramsOut += 1
    this.counters.bytesOut += datagram.length
    sendSoon(route, datagram)
  }

  /** The same, but perhaps only when the socket's batch is flushed, which is given then. */
  queueDatagram(memory: Uint8Array, start: number, end: number): DatagramBatch | null {
    const { route } = this
    if (!route?.socket.batch) {
      this.sendDatagram(memory.subarray(start, end))
      return null
    }
    this.counters.datagramsOut += 1
    this.counters.bytesOut += end - start
    route.socket.batch.add(kernelAddressOf(route), memory, start, end)
    return route.socket.batch
  }

  /** Of the streams that sent something since the last reports (RFC 3550 §6.4). `wallClockMs` is the same moment. */
  senderReports(nowMs: number, wallClockMs: number): SenderReport[] {
    const reports: SenderReport[] = []
    for (const stream of this.#streams) {
      if (!stream?.ring || stream.seal.packets === stream.reportedPackets) continue
      stream.reportedPackets = stream.seal.packets
      const { sentAtMs, sentTimestamp } = stream.ring
      const sinceLast = Math.round(((nowMs - sentAtMs) * OPUS_CLOCK_RATE_HZ) / 1_000)
      reports.push({
        ssrc: stream.seal.ssrc,
        wallClockMs,
        rtpTimestamp: (sentTimestamp + sinceLast) >>> 0,
        packetCount: stream.seal.packets,
        octetCount: stream.seal.octets,
      })
    }
    return reports
  }

  /** Into the packet dump, where there is one: what is sent as the stream's packet `index`. */
  capture(stream: OutStream, index: number, body: RtpBody): void {
    this.#packets?.downlink(
      {
        payloadType: (body.red ? stream.redPayloadType : null) ?? stream.opusPayloadType,
        marker: body.marker,
        sequenceNumber: index % 65_536,
        timestamp: body.timestamp,
        ssrc: stream.seal.ssrc,
        csrc: body.csrc,
      },
      body.payload,
    )
  }

  protectRtcp(compound: Buffer): Buffer | null {
    this.#packets?.packet('out', compound)
    return this.#session?.protectRtcp(compound) ?? null
  }

  /** Keys are wiped. Idempotent. */
  close(): void {
    for (const stream of this.#streams) stream?.seal.close()
    this.#streams.fill(null)
    this.#session?.close()
    this.#session = null
    this.route = null
  }
}

/** Random, all different (RFC 3550 §8). */
export function distinctSsrcs(count: number): number[] {
  const ssrcs = new Set<number>()
  while (ssrcs.size < count) ssrcs.add(randomInt(1, 0xffff_ffff))
  return [...ssrcs]
}
