import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { DownlinkSlots } from './downlink-slots.ts'
import { createDtlsSession, type DtlsCertificate, type DtlsSession, type SecuredMedia } from './dtls/dtls-session.ts'
import type { BoundAddress, Candidate } from './ice/candidates.ts'
import { type LinkPath, LinkPaths } from './ice/link-paths.ts'
import { Liveness, type LivenessChange } from './ice/liveness.ts'
import { bindingError, bindingSuccess, consentRequest, integrityMatches, type StunMessage } from './ice/stun.ts'
import type { UdpSocket } from './ice/udp-sockets.ts'
import { ReceptionStatistics } from './rtp/reception.ts'
import { findSenderReport, writeCompoundReport } from './rtp/rtcp.ts'
import { isRtcp, isRtpOrRtcp, parseRtpHeader, payloadOf, readAudioLevel } from './rtp/rtp.ts'
import { writeAnswer } from './sdp/answer.ts'
import type { Offer } from './sdp/offer.ts'
import { SrtpReceiver, SrtpSender } from './srtp/srtp.ts'
import type { DownlinkPacket, MediaLink, MediaLinkEvents } from './transport.ts'

interface WebRtcLinkOptions {
  offer: Offer
  events: MediaLinkEvents
  certificate: DtlsCertificate
  candidates: Candidate[]
  clock: Clock
  /** A path proved to be the peer's: datagrams from there are for this link. */
  onPath(link: WebRtcLink, path: LinkPath): void
  onPathGone(path: LinkPath): void
  /** The link has ended, by itself or by `close`. */
  onGone(link: WebRtcLink, why: string): void
}

/** RFC 3550 §6.2: five seconds for a group of two. */
const REPORT_INTERVAL_MS = 5_000
/** An answer may be this many ticks late: full buffers and satellites take seconds, and the next question is out by then. */
const QUESTIONS_KEPT = 8
const CNAME = 'engawa'

/** One participant's connection: ICE-lite agent, DTLS server, SRTP both ways. */
export class WebRtcLink implements MediaLink {
  readonly answerSdp: string
  readonly iceUfrag = randomBytes(6).toString('base64')
  readonly #icePwd = randomBytes(18).toString('base64')
  readonly #tieBreaker = randomBytes(8)
  readonly #options: WebRtcLinkOptions
  readonly #paths = new LinkPaths()
  readonly #liveness: Liveness
  readonly #slots: DownlinkSlots
  readonly #dtls: DtlsSession
  #outgoing: SrtpSender | null = null
  #incoming: SrtpReceiver | null = null
  #reception: ReceptionStatistics | null = null
  /** Transactions of our latest consent requests that are not answered. */
  #questions: Buffer[] = []
  #reportedAtMs: number

  constructor(options: WebRtcLinkOptions) {
    this.#options = options
    const { offer, certificate, clock } = options
    this.#liveness = new Liveness(clock.monotonicMs())
    this.#reportedAtMs = clock.monotonicMs()
    this.#slots = new DownlinkSlots(offer.sections.map((section) => section.opusPayloadType))
    this.answerSdp = writeAnswer(offer, {
      sessionId: String(randomBytes(6).readUIntBE(0, 6)),
      iceUfrag: this.iceUfrag,
      icePwd: this.#icePwd,
      fingerprint: certificate.fingerprint,
      candidates: options.candidates,
      ssrcs: this.#slots.ssrcs,
      cname: CNAME,
    })
    this.#dtls = createDtlsSession({
      certificate,
      fingerprints: offer.fingerprints,
      send: (datagram) => this.#sendDatagram(datagram),
      onSecured: (secured) => this.#onSecured(secured),
      onEnded: (why) => this.#end(why),
    })
  }

  /** A binding request whose user name begins with our `iceUfrag`. */
  onStunRequest(request: StunMessage, socket: UdpSocket, remote: BoundAddress): void {
    if (this.#liveness.state === 'closed') return
    const isForThisPeer = request.username === `${this.iceUfrag}:${this.#options.offer.iceUfrag}`
    if (!isForThisPeer || !integrityMatches(request, this.#icePwd)) return
    const reply = { transactionId: request.transactionId, password: this.#icePwd }
    if (request.iceControlled) {
      // RFC 8445 §7.3.1.1: a lite agent is never the controlling one.
      socket.send(bindingError(reply, 487, 'Role Conflict'), remote.port, remote.address)
      return
    }
    socket.send(bindingSuccess(reply, remote), remote.port, remote.address)
    const nowMs = this.#options.clock.monotonicMs()
    const { path, evicted } = this.#paths.onCheck(socket, remote, { nominated: request.useCandidate, nowMs })
    if (evicted) this.#options.onPathGone(evicted)
    this.#options.onPath(this, path)
    this.#announce(this.#liveness.onHeard(nowMs))
  }

  /** An answer to a consent question of ours, on a path of this link. */
  onStunResponse(response: StunMessage, path: LinkPath): void {
    const answered = this.#questions.findIndex((transactionId) => transactionId.equals(response.transactionId))
    if (answered < 0 || !integrityMatches(response, this.#options.offer.icePwd)) return
    this.#questions.splice(answered, 1)
    this.#onHeard(path)
  }

  /** A datagram that is not STUN, on a path of this link. */
  onDatagram(datagram: Buffer, path: LinkPath): void {
    if (this.#liveness.state === 'closed') return
    if (isRtpOrRtcp(datagram)) {
      if (isRtcp(datagram)) this.#onRtcp(datagram, path)
      else this.#onRtp(datagram, path)
      return
    }
    const first = datagram[0] ?? 0
    if (first >= 20 && first <= 63) this.#dtls.onDatagram(datagram)
  }

  #onRtp(datagram: Buffer, path: LinkPath): void {
    const packet = this.#incoming?.unprotectRtp(datagram)
    const header = packet ? parseRtpHeader(packet) : null
    if (!packet || !header) return
    this.#onHeard(path)
    const [microphone] = this.#options.offer.sections
    if (!microphone || header.payloadType !== microphone.opusPayloadType) return
    const payload = payloadOf(packet, header)
    if (!payload || payload.length === 0) return
    this.#countReception(header.ssrc, header.sequenceNumber, header.timestamp)
    const levelId = microphone.levelExtensionId
    this.#options.events.onUplink({
      sequenceNumber: header.sequenceNumber,
      timestamp: header.timestamp,
      payload,
      levelDbov: levelId === null ? null : readAudioLevel(packet, header, levelId),
    })
  }

  #countReception(ssrc: number, sequenceNumber: number, timestamp: number): void {
    if (this.#reception?.ssrc !== ssrc) this.#reception = new ReceptionStatistics(ssrc, sequenceNumber)
    this.#reception.onPacket(sequenceNumber, timestamp, this.#options.clock.monotonicMs())
  }

  #onRtcp(datagram: Buffer, path: LinkPath): void {
    const compound = this.#incoming?.unprotectRtcp(datagram)
    if (!compound) return
    this.#onHeard(path)
    const report = findSenderReport(compound)
    if (report && report.ssrc === this.#reception?.ssrc) {
      this.#reception.onSenderReport(report, this.#options.clock.monotonicMs())
    }
  }

  #onHeard(path: LinkPath): void {
    const nowMs = this.#options.clock.monotonicMs()
    this.#paths.onHeard(path, nowMs)
    this.#announce(this.#liveness.onHeard(nowMs))
  }

  #onSecured(secured: SecuredMedia): void {
    this.#outgoing = new SrtpSender(secured.profile, secured.outgoing)
    this.#incoming = new SrtpReceiver(secured.profile, secured.incoming)
    this.#announce(this.#liveness.onSecured(this.#options.clock.monotonicMs()))
  }

  #announce(change: LivenessChange): void {
    switch (change) {
      case 'connected':
        this.#options.events.onConnected()
        return
      case 'disconnected':
        this.#options.events.onDisconnected()
        return
      case 'closed':
        this.#release('silent for too long')
        this.#options.events.onClosed()
        return
      case null:
        return
    }
  }

  #end(why: string): void {
    if (this.#liveness.close() === null) return
    this.#release(why)
    this.#options.events.onClosed()
  }

  /** Called every LIVENESS.tickMs. */
  tick(): void {
    const nowMs = this.#options.clock.monotonicMs()
    this.#announce(this.#liveness.tick(nowMs))
    if (this.#liveness.shouldAsk(nowMs)) this.#askForConsent()
    if (this.#liveness.state === 'connected' && nowMs - this.#reportedAtMs >= REPORT_INTERVAL_MS) this.#report(nowMs)
  }

  #askForConsent(): void {
    const transactionId = randomBytes(12)
    this.#questions.push(transactionId)
    if (this.#questions.length > QUESTIONS_KEPT) this.#questions.shift()
    const { iceUfrag, icePwd } = this.#options.offer
    const request = { transactionId, password: icePwd }
    this.#sendDatagram(consentRequest(request, `${iceUfrag}:${this.iceUfrag}`, this.#tieBreaker))
  }

  #report(nowMs: number): void {
    this.#reportedAtMs = nowMs
    const senders = this.#slots.reports(nowMs, this.#options.clock.nowMs())
    const blocks = this.#reception ? [this.#reception.report(nowMs)] : []
    const [reporterSsrc = 1] = this.#slots.ssrcs
    const compound = writeCompoundReport({ reporterSsrc, cname: CNAME, senders, blocks })
    if (this.#outgoing) this.#sendDatagram(this.#outgoing.protectRtcp(compound))
  }

  send(slot: number, packet: DownlinkPacket): void {
    const srtp = this.#outgoing
    const path = this.#paths.selected
    if (!srtp || !path || this.#liveness.state === 'closed') return
    const sealed = this.#slots.seal(slot, packet, { srtp, nowMs: this.#options.clock.monotonicMs() })
    if (sealed) path.socket.send(sealed, path.port, path.address)
  }

  #sendDatagram(datagram: Buffer): void {
    const path = this.#paths.selected
    if (path) path.socket.send(datagram, path.port, path.address)
  }

  close(): void {
    if (this.#liveness.close() === 'closed') this.#release('closed')
  }

  #release(why: string): void {
    this.#dtls.close()
    this.#options.onGone(this, why)
  }

  /** The paths that lead to this link, for its owner to forget. */
  paths(): LinkPath[] {
    return this.#paths.all()
  }
}
