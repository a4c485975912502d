import { createHmac, randomBytes } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DtlsClient } from 'werift'
import { createFakeClock, type FakeClock } from '../test/fake-clock.ts'
import { createDtlsCertificate, type DtlsCertificate } from './dtls/dtls-session.ts'
import { HandshakeQueue } from './dtls/handshake-queue.ts'
import { BatchSender } from './fanout/batch-sender.ts'
import type { LinkPath } from './ice/link-paths.ts'
import { LIVENESS } from './ice/liveness.ts'
import { CheckPacer, UnansweredRequests } from './ice/outbound-checks.ts'
import { bindingSuccess, isStun, parseStun, STUN_BINDING_REQUEST } from './ice/stun.ts'
import { stunKey } from './ice/stun-integrity.ts'
import { StunRequests } from './ice/stun-requests.ts'
import type { UdpSocket } from './ice/udp-sockets.ts'
import { NtpClock } from './rtp/ntp-clock.ts'
import { writeCompoundReport } from './rtp/rtcp.ts'
import { isRtpOrRtcp } from './rtp/rtp.ts'
import { parseOffer } from './sdp/offer.ts'
import { CHROMIUM_OFFER } from './sdp/offers.fixture.ts'
import { createSealer } from './srtp/create-sealer.ts'
import { SRTP_PROFILE } from './srtp/profile.ts'
import { plainSender } from './srtp/srtp.fixture.ts'
import { type LinkNode, WebRtcLink } from './webrtc-link.ts'

const REMOTE = { address: '198.51.100.1', port: 5_000 }
const MINUTE_MS = 60_000
/** libwebrtc: STABLE_WRITABLE_CONNECTION_PING_INTERVAL. */
const CHROMIUM_CHECK_MS = 2_500

function createNode(clock: FakeClock, certificate: DtlsCertificate): LinkNode {
  const sealer = createSealer()
  return {
    clock,
    ntp: new NtpClock(clock),
    certificate,
    handshakes: new HandshakeQueue({ clock }),
    ice: {
      clock,
      sockets: () => [],
      pacer: new CheckPacer(),
      unanswered: new UnansweredRequests(),
      requests: new StunRequests(),
    },
    sealer,
    sender: new BatchSender(sealer, () => clock.monotonicMs()),
  }
}

/** A browser's end of a link, in memory, on a clock of the test's: what it sends of its own accord is up to the test. */
class Peer {
  readonly seen: { atMs: number; what: string }[] = []
  readonly link: WebRtcLink
  /** Nothing arrives any more, in either direction. */
  isCutOff = false
  /** Round trip of the answers to consent requests; null: it does not answer. */
  consentRttMs: number | null = 0
  readonly #clock: FakeClock
  readonly #offer: ReturnType<typeof parseOffer>
  readonly #node: LinkNode
  readonly #answerSdp: string
  readonly #socket: UdpSocket = {
    address: '192.0.2.2',
    port: 4_000,
    send: (datagram) => this.#receive(Buffer.from(datagram)),
  }
  readonly #client: DtlsClient
  readonly #clientTransport: ConstructorParameters<typeof DtlsClient>[0]['transport']
  #path: LinkPath | null = null

  constructor(clock: FakeClock, certificates: { ours: DtlsCertificate; theirs: DtlsCertificate }) {
    const { ours, theirs } = certificates
    this.#clock = clock
    this.#offer = {
      ...parseOffer(CHROMIUM_OFFER),
      fingerprints: [{ algorithm: 'sha-256', value: theirs.fingerprint }],
    }
    this.#node = createNode(clock, ours)
    const note = (what: string) => () => void this.seen.push({ atMs: clock.monotonicMs(), what })
    this.link = new WebRtcLink({
      offer: this.#offer,
      events: {
        onConnected: note('connected'),
        onDisconnected: note('disconnected'),
        onClosed: note('closed'),
        wantsUplink: () => true,
        onUplink: () => {},
      },
      node: this.#node,
      candidates: [],
      onPath: (_link, path) => {
        this.#path = path
      },
      onPathGone: () => {},
      onRestless: () => {},
      onGone: () => {},
    })
    this.#answerSdp = this.link.answerSdp
    this.#clientTransport = {
      type: 'udp',
      address: { address: '', family: '', port: 0 },
      closed: false,
      onData: () => {},
      send: async (datagram) => this.#send(Buffer.from(datagram)),
      close: async () => {},
    }
    this.#client = new DtlsClient({
      transport: this.#clientTransport,
      cert: theirs.certPem,
      key: theirs.keyPem,
      signatureHash: { hash: 4, signature: 3 },
      srtpProfiles: [SRTP_PROFILE.aeadAes128Gcm],
      extendedMasterSecret: true,
    })
    this.#tick()
  }

  #tick(): void {
    this.#clock.after(LIVENESS.tickMs, () => {
      this.link.tick(this.#clock.monotonicMs())
      this.#tick()
    })
  }

  async connect(): Promise<void> {
    this.check()
    this.#client.connect().catch(() => {})
    await expect.poll(() => this.seen.map(({ what }) => what)).toEqual(['connected'])
  }

  /** A connectivity check, as the controlling side sends it. */
  check(): void {
    const [, password = ''] = /^a=ice-pwd:(.*)\r$/m.exec(this.#answerSdp) ?? []
    const username = Buffer.from(`${this.link.ice.ufrag}:${this.#offer.iceUfrag}`)
    const attribute = Buffer.alloc(4 + Math.ceil(username.length / 4) * 4)
    attribute.writeUInt16BE(0x0006, 0)
    attribute.writeUInt16BE(username.length, 2)
    username.copy(attribute, 4)
    const nominate = Buffer.from('00250000', 'hex')
    const open = Buffer.concat([Buffer.from('000100002112a442', 'hex'), randomBytes(12), attribute, nominate])
    open.writeUInt16BE(open.length - 20 + 24, 2)
    const integrity = createHmac('sha1', password).update(open).digest()
    const request = parseStun(Buffer.concat([open, Buffer.from('00080014', 'hex'), integrity]))
    if (request && !this.isCutOff) this.link.ice.onStunRequest(request, { socket: this.#socket, ...REMOTE })
  }

  /** A receiver report: what a listener that hears somebody sends. */
  report(): void {
    const { localKey, localSalt } = this.#client.extractSessionKeys(16, 12)
    const keys = { masterKey: localKey, masterSalt: localSalt }
    // Each report has the same index; a fresh SSRC keeps it from being a replay.
    const reporterSsrc = randomBytes(4).readUInt32BE()
    const srtp = plainSender(SRTP_PROFILE.aeadAes128Gcm, keys, reporterSsrc)
    this.#send(srtp.report(writeCompoundReport({ reporterSsrc, cname: 'x', senders: [], blocks: [] }), 1))
  }

  /** Calls `act` each `intervalMs` until `untilMs`. */
  every(intervalMs: number, untilMs: number, act: () => void): void {
    if (this.#clock.monotonicMs() + intervalMs > untilMs) return
    this.#clock.after(intervalMs, () => {
      act()
      this.every(intervalMs, untilMs, act)
    })
  }

  #send(datagram: Buffer): void {
    laterOrNow(this.seen.length === 0, () => {
      if (!this.isCutOff && this.#path) this.link.onDatagram(datagram, this.#path)
    })
  }

  #receive(datagram: Buffer): void {
    if (this.isCutOff) return
    if (isStun(datagram)) this.#onStun(datagram)
    else if (!isRtpOrRtcp(datagram)) setImmediate(() => this.#clientTransport.onData(datagram, ['', 0]))
  }

  answerTo(transactionId: Buffer): Buffer {
    return bindingSuccess({ transactionId, key: stunKey(this.#offer.icePwd) }, REMOTE)
  }

  /** A binding response, as the transport routes it. */
  hear(response: Buffer): void {
    const message = parseStun(response)
    const request = message && this.#node.ice.requests.find(message.transactionId)
    if (message && request) request.owner.onStunResponse(message, request, { socket: this.#socket, ...REMOTE })
  }

  #onStun(datagram: Buffer): void {
    const message = parseStun(Buffer.from(datagram))
    if (message?.type !== STUN_BINDING_REQUEST || this.consentRttMs === null) return
    const answer = this.answerTo(message.transactionId)
    this.#clock.after(this.consentRttMs, () => {
      if (!this.isCutOff) this.hear(answer)
    })
  }
}

/** werift's handshake must not run into itself; afterwards, packets arrive as the clock stands. */
function laterOrNow(later: boolean, act: () => void): void {
  if (later) setImmediate(act)
  else act()
}

describe('WebRtcLink', () => {
  let certificates: { ours: DtlsCertificate; theirs: DtlsCertificate }
  let clock: FakeClock
  let peer: Peer

  beforeAll(async () => {
    certificates = { ours: await createDtlsCertificate(), theirs: await createDtlsCertificate() }
  })

  beforeEach(async () => {
    clock = createFakeClock()
    peer = new Peer(clock, certificates)
    await peer.connect()
  })

  afterEach(() => peer.link.close())

  const changes = () => peer.seen.slice(1)

  it('tells within five seconds that the path died in silence, and ends after thirty', () => {
    peer.every(CHROMIUM_CHECK_MS, 60 * MINUTE_MS, () => peer.check())
    clock.advance(7 * CHROMIUM_CHECK_MS)
    const cutAtMs = clock.monotonicMs()
    peer.isCutOff = true
    clock.advance(60 * MINUTE_MS)
    expect(changes().map(({ what }) => what)).toEqual(['disconnected', 'closed'])
    const [disconnected, closed] = changes().map(({ atMs }) => atMs - cutAtMs)
    expect(disconnected).toBeGreaterThanOrEqual(LIVENESS.disconnectedAfterMs)
    expect(disconnected).toBeLessThan(5_000)
    // Counted from the last answer, which may be a question's interval before the cut.
    expect(closed).toBeGreaterThanOrEqual(LIVENESS.closedAfterMs - LIVENESS.consentEveryMs - LIVENESS.tickMs)
    expect(closed).toBeLessThanOrEqual(LIVENESS.closedAfterMs + LIVENESS.tickMs)
  })

  it('comes back when the path does, before the end', () => {
    peer.isCutOff = true
    clock.advance(LIVENESS.closedAfterMs - 1_000)
    peer.isCutOff = false
    clock.advance(10 * MINUTE_MS)
    expect(changes().map(({ what }) => what)).toEqual(['disconnected', 'connected'])
  })

  it('holds a listener that sends checks, every second of which is lost, and answers', () => {
    peer.consentRttMs = 40
    peer.every(2 * CHROMIUM_CHECK_MS, 60 * MINUTE_MS, () => peer.check())
    clock.advance(60 * MINUTE_MS)
    expect(changes()).toEqual([])
  })

  it.each(['checks', 'receiver reports'])(
    'ends a listener after thirty seconds that sends %s but never answers: without consent nothing may be sent to it',
    (what) => {
      peer.consentRttMs = null
      peer.every(CHROMIUM_CHECK_MS, MINUTE_MS, () => (what === 'checks' ? peer.check() : peer.report()))
      clock.advance(MINUTE_MS)
      expect(changes()).toEqual([{ atMs: LIVENESS.closedAfterMs, what: 'closed' }])
    },
  )

  it.each([0, 300, 700, 1_800])(
    'holds a listener that sends nothing but answers to our questions, %i ms late',
    (rttMs) => {
      peer.consentRttMs = rttMs
      clock.advance(30 * MINUTE_MS)
      expect(changes()).toEqual([])
    },
  )

  it('believes no answer to a question that it did not ask', () => {
    peer.consentRttMs = null
    clock.advance(2_000)
    const stray = peer.answerTo(randomBytes(12))
    peer.every(1_000, 20_000, () => peer.hear(stray))
    clock.advance(5_000)
    expect(changes().map(({ what }) => what)).toEqual(['disconnected'])
  })
})
