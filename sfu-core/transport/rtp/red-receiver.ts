import { parseOpusPacket } from '../../opus/toc.ts'
import type { UplinkPacket } from '../transport.ts'
import { RedBlocks } from './red.ts'

interface RedReceiverOptions {
  /** Of the blocks; others are not read. */
  opusPayloadType: number
  /** An Opus packet; valid during the call only. */
  deliver(packet: UplinkPacket): void
}

/** One for all receivers of the thread: read and delivered within one call. */
const blocks = new RedBlocks()

/** Sequence numbers whose fate is remembered, for what comes late: 0.6 s. Fits one 32-bit number. */
const WINDOW_PACKETS = 32

/**
 * A microphone's packets as plain Opus, whether they came as Opus or as RED (a sender may change between them). Where
 * packets are missing before one that carries them along, they come out first, under their own sequence numbers and timestamps.
 * What was delivered is not delivered again, however it comes.
 */
export class RedReceiver {
  /** Packets that were lost and had from a later one. */
  recovered = 0
  readonly #options: RedReceiverOptions
  readonly #out: UplinkPacket = { sequenceNumber: 0, timestamp: 0, payload: new Uint8Array(), levelDbov: null }
  #hasDelivered = false
  /** Of the newest packet that was delivered. */
  #sequenceNumber = 0
  #timestamp = 0
  /** Bit i: the packet i before the newest was delivered. */
  #delivered = 0
  #wasPassedOver = false

  constructor(options: RedReceiverOptions) {
    this.#options = options
  }

  /** Another source begins (RFC 3550 §8): its numbers have nothing to do with the ones before. */
  restart(): void {
    this.#hasDelivered = false
    this.#delivered = 0
  }

  /** A packet arrived that nobody wanted: what is missing before the next one was not lost, and is not brought back. */
  onPassedOver(): void {
    this.#wasPassedOver = true
  }

  /** A packet that is not RED. */
  onOpus(packet: UplinkPacket): void {
    if (this.#takes(packet.sequenceNumber, packet.timestamp)) this.#options.deliver(packet)
  }

  /** A packet whose payload is RED; false for what cannot be read. */
  onRed(packet: UplinkPacket): boolean {
    if (!blocks.read(packet.payload)) return false
    for (let i = 0; i < blocks.redundantCount; i++) this.#recover(packet, i)
    const primary = blocks.redundantCount
    if (!this.#isOpus(primary) || !this.#takes(packet.sequenceNumber, packet.timestamp)) return true
    this.#out.levelDbov = packet.levelDbov
    this.#deliver(primary)
    return true
  }

  /** libwebrtc's primary block is empty where its encoder was silent (DTX). */
  #isOpus(block: number): boolean {
    return blocks.payloadTypes[block] === this.#options.opusPayloadType && blocks.block(block).length > 0
  }

  #recover(packet: UplinkPacket, block: number): void {
    if (!this.#hasDelivered || this.#wasPassedOver || !this.#isOpus(block)) return
    const missing = (packet.sequenceNumber - this.#sequenceNumber - 1) & 0xffff
    if (missing === 0 || missing >= 0x8000) return
    const timestamp = (packet.timestamp - (blocks.timestampOffsets[block] ?? 0)) >>> 0
    if (((timestamp - this.#timestamp) | 0) <= 0) return
    const packetsBack = this.#packetsBack(block, missing)
    if (packetsBack < 1 || packetsBack > missing) return
    const sequenceNumber = (packet.sequenceNumber - packetsBack) & 0xffff
    if (!this.#takes(sequenceNumber, timestamp)) return
    this.recovered += 1
    // Its own level is not told; the next packet's is near.
    this.#out.levelDbov = packet.levelDbov
    this.#deliver(block)
  }

  /**
   * RED tells how much older a block is, not which packet it was. One packet missing can only be that one; else packets are taken
   * to follow each other without pause, each as long as this one. 0 where that cannot be.
   */
  #packetsBack(block: number, missing: number): number {
    if (missing === 1) return 1
    const samples = parseOpusPacket(blocks.block(block))?.packetSamples ?? 0
    const back = samples > 0 ? (blocks.timestampOffsets[block] ?? 0) / samples : 0
    return Number.isInteger(back) ? back : 0
  }

  /** Whether the packet is new; notes it and puts its place into `#out`. */
  #takes(sequenceNumber: number, timestamp: number): boolean {
    const ahead = this.#hasDelivered ? (sequenceNumber - this.#sequenceNumber) & 0xffff : WINDOW_PACKETS
    if (ahead < 0x8000) {
      if (ahead === 0) return false
      this.#delivered = ahead < WINDOW_PACKETS ? (this.#delivered << ahead) | 1 : 1
      this.#sequenceNumber = sequenceNumber
      this.#timestamp = timestamp
      this.#hasDelivered = true
      this.#wasPassedOver = false
    } else {
      const behind = 0x1_0000 - ahead
      if (behind >= WINDOW_PACKETS || (this.#delivered & (1 << behind)) !== 0) return false
      this.#delivered |= 1 << behind
    }
    this.#out.sequenceNumber = sequenceNumber
    this.#out.timestamp = timestamp
    return true
  }

  #deliver(block: number): void {
    this.#out.payload = blocks.block(block)
    this.#options.deliver(this.#out)
  }
}
