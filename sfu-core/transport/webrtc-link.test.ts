import { createHmac, randomBytes } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DtlsClient } from 'werift'
import { createFakeClock, type FakeClock } from '../test/fake-clock.ts'
import { createDtlsCertificate, type DtlsCertificate } from './dtls/dtls-session.ts'
import type { LinkPath } from './ice/link-paths.ts'
import { LIVENESS } from './ice/liveness.ts'
import { bindingSuccess, isStun, parseStun, STUN_BINDING_REQUEST } from './ice/stun.ts'
import type { UdpSocket } from './ice/udp-sockets.ts'
import { writeCompoundReport } from './rtp/rtcp.ts'
import { isRtpOrRtcp } from './rtp/rtp.ts'
import { parseOffer } from './sdp/offer.ts'
import { CHROMIUM_OFFER } from './sdp/offers.fixture.ts'
import { SRTP_PROFILE, SrtpSender } from './srtp/srtp.ts'
import { WebRtcLink } from './webrtc-link.ts'

const REMOTE = { address: '198.51.100.1', port: 5_000 }
const MINUTE_MS = 60_000
/** libwebrtc: STABLE_WRITABLE_CONNECTION_PING_INTERVAL. */
const CHROMIUM_CHECK_MS = 2_500

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
  readonly #socket: UdpSocket = { address: '192.0.2.2', port: 4_000, send: (datagram) => this.#receive(datagram) }
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
    const note = (what: string) => () => void this.seen.push({ atMs: clock.monotonicMs(), what })
    this.link = new WebRtcLink({
      offer: this.#offer,
      events: {
        onConnected: note('connected'),
        onDisconnected: note('disconnected'),
        onClosed: note('closed'),
        onUplink: () => {},
      },
      certificate: ours,
      candidates: [],
      clock,
      onPath: (_link, path) => {
        this.#path = path
      },
      onPathGone: () => {},
      onGone: () => {},
    })
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
      signatureHash: theirs.signatureHash,
      srtpProfiles: [SRTP_PROFILE.aeadAes128Gcm],
      extendedMasterSecret: true,
    })
    this.#tick()
  }

  #tick(): void {
    this.#clock.after(LIVENESS.tickMs, () => {
      this.link.tick()
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
    const [, password = ''] = /^a=ice-pwd:(.*)\r$/m.exec(this.link.answerSdp) ?? []
    const username = Buffer.from(`${this.link.iceUfrag}:${this.#offer.iceUfrag}`)
    const attribute = Buffer.alloc(4 + Math.ceil(username.length / 4) * 4)
    attribute.writeUInt16BE(0x0006, 0)
    attribute.writeUInt16BE(username.length, 2)
    username.copy(attribute, 4)
    const nominate = Buffer.from('00250000', 'hex')
    const open = Buffer.concat([Buffer.from('000100002112a442', 'hex'), randomBytes(12), attribute, nominate])
    open.writeUInt16BE(open.length - 20 + 24, 2)
    const integrity = createHmac('sha1', password).update(open).digest()
    const request = parseStun(Buffer.concat([open, Buffer.from('00080014', 'hex'), integrity]))
    if (request && !this.isCutOff) this.link.onStunRequest(request, this.#socket, REMOTE)
  }

  /** A receiver report: what a listener that hears somebody sends. */
  report(): void {
    const { localKey, localSalt } = this.#client.extractSessionKeys(16, 12)
    const srtp = new SrtpSender(SRTP_PROFILE.aeadAes128Gcm, { masterKey: localKey, masterSalt: localSalt })
    // Each sender begins its index anew; a fresh SSRC keeps it from being a replay.
    const reporterSsrc = randomBytes(4).readUInt32BE()
    this.#send(srtp.protectRtcp(writeCompoundReport({ reporterSsrc, cname: 'x', senders: [], blocks: [] })))
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

  #onStun(datagram: Buffer): void {
    const message = parseStun(Buffer.from(datagram))
    if (message?.type !== STUN_BINDING_REQUEST || this.consentRttMs === null) return
    const password = this.#offer.icePwd
    const answer = parseStun(bindingSuccess({ transactionId: message.transactionId, password }, REMOTE))
    this.#clock.after(this.consentRttMs, () => {
      if (answer && this.#path && !this.isCutOff) this.link.onStunResponse(answer, this.#path)
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
    expect(closed).toBeGreaterThanOrEqual(LIVENESS.closedAfterMs)
    expect(closed).toBeLessThanOrEqual(LIVENESS.closedAfterMs + LIVENESS.tickMs)
  })

  it('comes back when the path does, before the end', () => {
    peer.isCutOff = true
    clock.advance(LIVENESS.closedAfterMs - 1_000)
    peer.isCutOff = false
    clock.advance(10 * MINUTE_MS)
    expect(changes().map(({ what }) => what)).toEqual(['disconnected', 'connected'])
  })

  it.each(['nothing but its checks', 'checks, every second of which is lost, and answers'])(
    'holds a listener that sends %s',
    (what) => {
      const answers = what.endsWith('answers')
      peer.consentRttMs = answers ? 40 : null
      peer.every(answers ? 2 * CHROMIUM_CHECK_MS : CHROMIUM_CHECK_MS, 60 * MINUTE_MS, () => peer.check())
      clock.advance(60 * MINUTE_MS)
      expect(changes()).toEqual([])
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

  it('holds a listener that sends nothing but receiver reports', () => {
    peer.consentRttMs = null
    peer.every(3_000, 10 * MINUTE_MS, () => peer.report())
    clock.advance(10 * MINUTE_MS)
    expect(changes()).toEqual([])
  })

  it('believes no answer to a question that it did not ask', () => {
    peer.consentRttMs = null
    clock.advance(2_000)
    const stray = parseStun(
      bindingSuccess({ transactionId: randomBytes(12), password: parseOffer(CHROMIUM_OFFER).icePwd }, REMOTE),
    )
    const path = peer.link.paths()[0]
    if (!stray || !path) throw new Error('no path')
    peer.every(1_000, 20_000, () => peer.link.onStunResponse(stray, path))
    clock.advance(5_000)
    expect(changes().map(({ what }) => what)).toEqual(['disconnected'])
  })
})
