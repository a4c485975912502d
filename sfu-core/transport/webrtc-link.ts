import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { createDtlsSession, type DtlsCertificate, type DtlsSession, type SecuredMedia } from './dtls/dtls-session.ts'
import type { HandshakeQueue } from './dtls/handshake-queue.ts'
import type { BatchSender } from './fanout/batch-sender.ts'
import { Downlink, distinctSsrcs } from './fanout/downlink.ts'
import type { Candidate } from './ice/candidates.ts'
import { IceAgent, type IceNode } from './ice/ice-agent.ts'
import type { LinkPath } from './ice/link-paths.ts'
import type { LivenessChange } from './ice/liveness.ts'
import { type LinkDump, LinkInsight } from './insight/link-insight.ts'
import type { LinkPackets, PacketDump } from './insight/packet-dump.ts'
import type { NtpClock } from './rtp/ntp-clock.ts'
import {
  type ReceivedSenderReport,
  type ReportBlock,
  type RtcpVisitor,
  readRtcp,
  writeCompoundReport,
} from './rtp/rtcp.ts'
import { isRtcp, isRtpOrRtcp } from './rtp/rtp.ts'
import { writeAnswer } from './sdp/answer.ts'
import type { Offer, OfferSection } from './sdp/offer.ts'
import { SrtpReceiver } from './srtp/receiver.ts'
import type { Sealer } from './srtp/sealer.ts'
import type { MediaLink, MediaLinkEvents } from './transport.ts'
import { Uplink } from './uplink.ts'

/** What all links of one thread share. */
export interface LinkNode {
  clock: Clock
  ntp: NtpClock
  certificate: DtlsCertificate
  handshakes: HandshakeQueue
  ice: IceNode
  sealer: Sealer
  sender: BatchSender
  packetDump?: PacketDump | undefined
}

interface WebRtcLinkOptions {
  node: LinkNode
  offer: Offer
  events: MediaLinkEvents
  candidates: Candidate[]
  /** A path proved to be the peer's: datagrams from there are for this link. */
  onPath(link: WebRtcLink, path: LinkPath): void
  onPathGone(link: WebRtcLink, path: LinkPath): void
  /** The link wants its next tick in its turn, whatever it said. */
  onRestless(link: WebRtcLink): void
  /** The link has ended, by itself or by `close`. */
  onGone(link: WebRtcLink, why: string): void
}

/** RFC 3550 §6.2: five seconds for a group of two. */
const REPORT_INTERVAL_MS = 5_000
const CNAME = 'engawa'

/** One participant's connection: ICE agent, DTLS server, the way in for their microphone, the way out for what they hear. */
export class WebRtcLink implements MediaLink, RtcpVisitor {
  answerSdp: string
  readonly ice: IceAgent
  readonly downlink: Downlink
  readonly #options: WebRtcLinkOptions
  readonly #microphone: OfferSection
  readonly #insight: LinkInsight
  readonly #packets: LinkPackets | null
  readonly #dtls: DtlsSession
  #uplink: Uplink | null = null
  #wasSecured = false
  #reportedAtMs: number

  constructor(options: WebRtcLinkOptions) {
    this.#options = options
    const { node, offer } = options
    const [microphone] = offer.sections
    if (!microphone) throw new Error('an offer without sections passed the parser')
    this.#microphone = microphone
    this.ice = new IceAgent({
      node: node.ice,
      remote: { ufrag: offer.iceUfrag, pwd: offer.icePwd, candidates: offer.candidates },
      events: {
        onPath: (path) => options.onPath(this, path),
        onPathGone: (path) => options.onPathGone(this, path),
        onSelected: (path) => {
          this.downlink.route = path
        },
        onLiveness: (change) => this.#onLiveness(change),
        onRestless: () => options.onRestless(this),
      },
    })
    this.#reportedAtMs = node.clock.monotonicMs()
    const ssrcs = distinctSsrcs(offer.sections.length)
    this.#insight = new LinkInsight(ssrcs)
    this.#packets = node.packetDump?.forLink() ?? null
    this.downlink = new Downlink({
      ssrcs,
      sections: offer.sections,
      counters: this.#insight.counters,
      packets: this.#packets,
    })
    this.answerSdp = writeAnswer(offer, {
      sessionId: String(randomBytes(6).readUIntBE(0, 6)),
      iceUfrag: this.ice.ufrag,
      icePwd: this.ice.pwd,
      fingerprint: node.certificate.fingerprint,
      candidates: options.candidates,
      ssrcs,
      cname: CNAME,
    })
    this.#dtls = createDtlsSession({
      certificate: node.certificate,
      fingerprints: offer.fingerprints,
      clock: node.clock,
      queue: node.handshakes,
      send: (datagram) => this.ice.send(datagram),
      onSecured: (secured) => this.#onSecured(secured),
      onEnded: (why) => this.#end(why),
    })
  }

  /** A datagram that is not STUN, on a path of this link. */
  onDatagram(datagram: Buffer, path: LinkPath): void {
    if (this.ice.isClosed) return
    const { counters } = this.#insight
    counters.datagramsIn += 1
    counters.bytesIn += datagram.length
    const first = datagram[0] ?? 0
    if (isRtpOrRtcp(datagram)) this.#onSrtp(datagram, path)
    else if (first >= 20 && first <= 63) this.#dtls.onDatagram(datagram)
    else counters.refusedMalformed += 1
  }

  #onSrtp(datagram: Buffer, path: LinkPath): void {
    const uplink = this.#uplink
    if (!uplink) return
    const isPeers = isRtcp(datagram) ? this.#onRtcp(datagram, uplink) : uplink.onRtp(datagram)
    if (isPeers) this.ice.onHeard(path)
  }

  #onRtcp(datagram: Buffer, uplink: Uplink): boolean {
    const compound = uplink.openRtcp(datagram)
    if (!compound) return false
    this.#insight.counters.rtcpIn += 1
    readRtcp(compound, this)
    this.#insight.loss.onReportsEnd(this.#options.node.clock.monotonicMs())
    this.downlink.prefersRed = this.#insight.loss.wantsRed
    return true
  }

  onSenderReport(report: ReceivedSenderReport): void {
    this.#uplink?.onSenderReport(report)
  }

  onReportBlock(block: ReportBlock): void {
    this.#insight.onReportBlock(block, this.#options.node.ntp.nowMs())
  }

  onNack(mediaSsrc: number, sequenceNumbers: readonly number[]): void {
    const { clock, sender } = this.#options.node
    this.#insight.onNack(mediaSsrc, sequenceNumbers, clock.monotonicMs())
    sender.retransmit(this.downlink, mediaSsrc, sequenceNumbers)
  }

  /** A page ends its stream when its microphone changes; the link goes on. */
  onBye(): void {}

  #onSecured({ profile, outgoing, incoming }: SecuredMedia): void {
    const { node, events } = this.#options
    this.#wasSecured = true
    this.downlink.secure(node.sealer.openSession(profile, outgoing), node.sealer)
    this.#uplink = new Uplink(
      {
        microphone: this.#microphone,
        events,
        counters: this.#insight.counters,
        packets: this.#packets,
        monotonicMs: () => node.clock.monotonicMs(),
      },
      new SrtpReceiver(profile, incoming),
    )
    // The page has had it: 6 kB that nobody needs any more.
    this.answerSdp = ''
    this.ice.onSecured()
  }

  #onLiveness(change: Exclude<LivenessChange, null>): void {
    const { events } = this.#options
    switch (change) {
      case 'connected':
        events.onConnected()
        return
      case 'disconnected':
        events.onDisconnected()
        return
      case 'closed':
        this.#release('silent for too long')
        events.onClosed()
        return
    }
  }

  #end(why: string): void {
    if (!this.ice.close()) return
    this.#release(why)
    this.#options.events.onClosed()
  }

  /** To be called every LIVENESS.tickMs from the time that it gives. */
  tick(nowMs: number): number {
    const quietUntilMs = this.ice.tick(nowMs)
    if (this.ice.state === 'connected' && nowMs - this.#reportedAtMs >= REPORT_INTERVAL_MS) this.#report(nowMs)
    return Math.min(quietUntilMs, this.#reportedAtMs + REPORT_INTERVAL_MS)
  }

  #report(nowMs: number): void {
    this.#reportedAtMs = nowMs
    const { downlink } = this
    const [reporterSsrc = 1] = downlink.ssrcs
    const senders = downlink.senderReports(nowMs, this.#options.node.ntp.at(nowMs))
    const blocks = this.#uplink?.reportBlocks(nowMs) ?? []
    // Of nobody who spoke and nobody who was heard there is nothing to say.
    if (senders.length === 0 && blocks.length === 0) return
    const report = downlink.protectRtcp(writeCompoundReport({ reporterSsrc, cname: CNAME, senders, blocks }))
    if (!report) {
      if (downlink.isExhausted) this.#end('the lifetime of the SRTP keys is over')
      return
    }
    this.#insight.counters.rtcpOut += 1
    downlink.sendDatagram(report)
  }

  addRemoteCandidates(lines: readonly string[]): void {
    this.ice.addRemoteCandidates(lines)
  }

  /** Known on both sides of a thread, from the answer. */
  get id(): string {
    return this.ice.ufrag
  }

  /** Whether the handshake was ever done. */
  get wasSecured(): boolean {
    return this.#wasSecured
  }

  dump(): LinkDump {
    return this.#insight.dump({
      id: this.id,
      state: this.ice.state,
      up: this.#uplink?.figures ?? null,
      dumpedAs: this.#packets?.address ?? null,
    })
  }

  close(): void {
    if (this.ice.close()) this.#release('closed')
  }

  #release(why: string): void {
    this.#dtls.close()
    this.downlink.close()
    this.#uplink?.close()
    this.#uplink = null
    this.#options.onGone(this, why)
  }
}
