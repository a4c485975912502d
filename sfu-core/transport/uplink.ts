import type { LinkCounters } from './insight/counters.ts'
import type { LinkPackets } from './insight/packet-dump.ts'
import { type ReceptionFigures, ReceptionStatistics } from './rtp/reception.ts'
import { RedReceiver } from './rtp/red-receiver.ts'
import type { ReceivedSenderReport, ReportBlock } from './rtp/rtcp.ts'
import { parseRtpHeader, payloadOf, type RtpHeader, readAudioLevel } from './rtp/rtp.ts'
import type { OfferSection } from './sdp/offer.ts'
import type { SrtpReceiver } from './srtp/receiver.ts'
import type { MediaLinkEvents, UplinkPacket } from './transport.ts'

interface UplinkOptions {
  microphone: OfferSection
  events: Pick<MediaLinkEvents, 'wantsUplink' | 'onUplink'>
  counters: LinkCounters
  packets?: LinkPackets | null
  monotonicMs(): number
}

/** One participant's microphone: from SRTP datagrams to Opus packets in the clear. */
export class Uplink {
  readonly #options: UplinkOptions
  readonly #receiver: SrtpReceiver
  readonly #red: RedReceiver
  readonly #packet: UplinkPacket = { sequenceNumber: 0, timestamp: 0, payload: new Uint8Array(), levelDbov: null }
  #reception: ReceptionStatistics | null = null

  constructor(options: UplinkOptions, receiver: SrtpReceiver) {
    this.#options = options
    this.#receiver = receiver
    this.#red = new RedReceiver({
      opusPayloadType: options.microphone.opusPayloadType,
      deliver: (packet) => options.events.onUplink(packet),
    })
  }

  /** Null before anything was heard. */
  get figures(): ReceptionFigures | null {
    return this.#reception?.figures() ?? null
  }

  /** Whether the datagram was opened, and so was the peer's. */
  onRtp(datagram: Buffer): boolean {
    const { counters } = this.#options
    const header = parseRtpHeader(datagram)
    if (!header) {
      counters.refusedMalformed += 1
      return false
    }
    const peek = this.#receiver.peek(datagram)
    if (peek === 'refuse') {
      counters.refusedReplayed += 1
      return false
    }
    const levelDbov = this.#levelOf(datagram, header)
    if (peek === 'may-skip' && !this.#options.events.wantsUplink(levelDbov)) {
      this.#passOver(header)
      return false
    }
    const opened = this.#receiver.unprotectRtp(datagram)
    if (!opened) {
      counters.refusedForged += 1
      return false
    }
    this.#options.packets?.packet('in', opened)
    this.#onOpened(opened, header, levelDbov)
    return true
  }

  #levelOf(datagram: Buffer, header: RtpHeader): number | null {
    const { levelExtensionId } = this.#options.microphone
    return levelExtensionId === null ? null : readAudioLevel(datagram, header, levelExtensionId)
  }

  #passOver(header: RtpHeader): void {
    this.#options.counters.passedOver += 1
    if (header.ssrc === this.#reception?.ssrc) this.#reception.onPassedOver()
    this.#red.onPassedOver()
  }

  #onOpened(opened: Buffer, header: RtpHeader, levelDbov: number | null): void {
    const { microphone, counters } = this.#options
    const isRed = header.payloadType === microphone.redPayloadType
    if (!isRed && header.payloadType !== microphone.opusPayloadType) {
      counters.refusedMalformed += 1
      return
    }
    const payload = payloadOf(opened, header)
    if (!payload || payload.length === 0) return
    counters.opened += 1
    this.#count(header)
    const packet = this.#packet
    packet.sequenceNumber = header.sequenceNumber
    packet.timestamp = header.timestamp
    packet.payload = payload
    packet.levelDbov = levelDbov
    if (!isRed) this.#red.onOpus(packet)
    else if (!this.#red.onRed(packet)) counters.refusedMalformed += 1
    counters.recovered = this.#red.recovered
  }

  #count({ ssrc, sequenceNumber, timestamp }: RtpHeader): void {
    if (this.#reception?.ssrc !== ssrc) {
      this.#reception = new ReceptionStatistics(ssrc, sequenceNumber)
      this.#red.restart()
    }
    this.#reception.onPacket(sequenceNumber, timestamp, this.#options.monotonicMs())
  }

  /** The compound in the clear, valid until the next call; null for what is not the peer's. */
  openRtcp(datagram: Buffer): Buffer | null {
    const compound = this.#receiver.unprotectRtcp(datagram)
    if (compound) this.#options.packets?.packet('in', compound)
    else this.#options.counters.refusedForged += 1
    return compound
  }

  onSenderReport(report: ReceivedSenderReport): void {
    if (report.ssrc === this.#reception?.ssrc) this.#reception.onSenderReport(report, this.#options.monotonicMs())
  }

  /** For a receiver report; also begins its next interval. */
  reportBlocks(nowMs: number): ReportBlock[] {
    return this.#reception ? [this.#reception.report(nowMs)] : []
  }

  /** Keys are wiped. Idempotent. */
  close(): void {
    this.#receiver.close()
  }
}
