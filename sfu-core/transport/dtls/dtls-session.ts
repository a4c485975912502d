import type { Clock } from '../../clock.ts'
import type { Fingerprint } from '../sdp/offer.ts'
import { SRTP_PROFILE, type SrtpProfile } from '../srtp/profile.ts'
import { ALERT, HandshakeFailure, readAlert, writeAlert } from './alerts.ts'
import { unpooled } from './byte-reader.ts'
import type { DtlsCertificate } from './dtls-certificate.ts'
import { type HandshakeFragment, MESSAGE, readFragments } from './handshake-messages.ts'
import type { HandshakePeer, HandshakeQueue } from './handshake-queue.ts'
import { HandshakeReassembly } from './handshake-reassembly.ts'
import { RecordCipher } from './record-cipher.ts'
import { CONTENT, type ContentType, type DtlsRecord, packRecords, readRecords, writeRecord } from './records.ts'
import { type HandshakeStep, type SecuredMedia, ServerHandshake } from './server-handshake.ts'

export { createDtlsCertificate, type DtlsCertificate } from './dtls-certificate.ts'
export type { SecuredMedia } from './server-handshake.ts'

/**
 * A DTLS 1.2 server for one peer (RFC 6347), as WebRTC needs it: one handshake with certificates on both sides,
 * SRTP keys (RFC 5764), and no data. There is no cookie exchange (§4.2.1 leaves it to the server): it would cost every
 * join a round trip, datagrams come only from addresses that an authenticated connectivity check came from, and what
 * one peer can make us send before it is secured is 38 flights of 800 bytes.
 */
export interface DtlsSession {
  /** A datagram whose first byte is 20 to 63 (RFC 7983). Kept until its turn in the queue. Never throws. */
  onDatagram(datagram: Buffer): void
  /** Says goodbye to a peer that is secured. Idempotent. */
  close(): void
}

export interface DtlsSessionOptions {
  certificate: DtlsCertificate
  /** The peer's certificate must match one of these, from the offer (RFC 8122). */
  fingerprints: readonly Fingerprint[]
  clock: Clock
  queue: HandshakeQueue
  /** The preferred first; the cheaper first by default. */
  srtpProfiles?: readonly SrtpProfile[] | undefined
  send(datagram: Buffer): void
  onSecured(secured: SecuredMedia): void
  /** The handshake failed, or the peer said goodbye. At most once, and not after `close`. */
  onEnded(why: string): void
}

const DEFAULT_SRTP_PROFILES: readonly SrtpProfile[] = [SRTP_PROFILE.aeadAes128Gcm, SRTP_PROFILE.aesCm128HmacSha1With80]

export const DTLS_LIMITS = {
  /** A handshake is four datagrams; a lossy network may need each of them many times. As many again once secured. */
  maxDatagrams: 400,
  /** Twice what the longest ClientHello and certificate need together; reading the worst of this length takes 0.3 ms. */
  maxDatagramBytes: 16 * 1024,
  /** RFC 9147 §5.8.2 recommends 400 ms for DTLS-SRTP; it doubles each time. Browsers repeat their flights sooner. */
  retransmitAfterMs: 400,
  /** The last is sent 12 s after the first; 13 s later the session ends, as a link that is not connected has by then. */
  maxRetransmits: 5,
  /** Times that a repeated ClientHello or Finished is answered. */
  maxRepeats: 32,
  /** A repeat this soon after our flight had left before it: of a burst of joins, some wait longer than browsers do (50 ms). */
  repeatAfterMs: 25,
  /** A Finished and an alert that overtook the message with the peer's key. */
  maxHeldRecords: 2,
} as const

export function createDtlsSession(options: DtlsSessionOptions): DtlsSession {
  return new ServerSession(options)
}

type State =
  | { kind: 'negotiating'; handshake: ServerHandshake; reassembly: HandshakeReassembly; held: DtlsRecord[] }
  /** `finished` is our last flight, should the peer miss it. All else of the handshake is gone. */
  | { kind: 'secured'; finished: Buffer }
  | { kind: 'ended' }
type Negotiating = State & { kind: 'negotiating' }

class ServerSession implements DtlsSession, HandshakePeer {
  readonly #options: DtlsSessionOptions
  #state: State
  #cipher: RecordCipher | null = null
  /** Flight 4, while the answer to it is not complete. */
  #flight: readonly Buffer[] = []
  #flightSentAtMs = 0
  #cancelRetransmit: (() => void) | null = null
  #nextPlainSequence = 0
  #datagrams = 0
  #repeats = 0

  constructor(options: DtlsSessionOptions) {
    this.#options = options
    const { certificate, fingerprints, srtpProfiles = DEFAULT_SRTP_PROFILES } = options
    const handshake = new ServerHandshake({ certificate, fingerprints, srtpProfiles })
    this.#state = { kind: 'negotiating', handshake, reassembly: new HandshakeReassembly(), held: [] }
  }

  onDatagram(datagram: Buffer): void {
    if (this.#state.kind === 'ended' || datagram.length > DTLS_LIMITS.maxDatagramBytes) return
    this.#datagrams += 1
    // A copy, for it waits there: the datagram's own memory is the socket's.
    if (this.#datagrams <= DTLS_LIMITS.maxDatagrams) this.#options.queue.push(this, Buffer.from(datagram))
  }

  onTurn(datagram: Buffer): void {
    for (const record of readRecords(datagram)) this.#onRecord(record)
  }

  #onRecord(record: DtlsRecord): void {
    const state = this.#state
    switch (state.kind) {
      case 'negotiating':
        if (record.epoch === 0) this.#onPlain(record, state)
        else if (this.#cipher) this.#onSealed(record, this.#cipher)
        else if (state.held.length < DTLS_LIMITS.maxHeldRecords) state.held.push(record)
        return
      case 'secured':
        // Nothing in the clear may end or restart a session.
        if (this.#cipher) this.#onSealed(record, this.#cipher)
        return
      case 'ended':
        return
    }
  }

  /** Alerts in the clear could be anybody's: a peer that gives up shows it by its silence. */
  #onPlain(record: DtlsRecord, state: Negotiating): void {
    if (record.type !== CONTENT.handshake) return
    for (const fragment of readFragments(record.fragment)) {
      if (fragment.sequence < state.reassembly.nextSequence) this.#onRepeated(fragment)
      else if (fragment.type !== MESSAGE.finished) state.reassembly.add(fragment)
    }
    this.#advance(state)
  }

  /** RFC 6347 §4.2.4: a peer that repeats its flight did not get ours. */
  #onRepeated(fragment: HandshakeFragment): void {
    const sinceFlightMs = this.#options.clock.monotonicMs() - this.#flightSentAtMs
    if (fragment.type !== MESSAGE.clientHello || fragment.offset > 0) return
    if (sinceFlightMs >= DTLS_LIMITS.repeatAfterMs && this.#mayRepeat()) this.#sendFlight()
  }

  #mayRepeat(): boolean {
    this.#repeats += 1
    return this.#repeats <= DTLS_LIMITS.maxRepeats
  }

  #onSealed(record: DtlsRecord, cipher: RecordCipher): void {
    const plain = cipher.open(record)
    if (!plain) return
    if (record.type === CONTENT.alert) this.#onAlert(plain)
    else if (record.type === CONTENT.handshake) this.#onSealedHandshake(plain)
  }

  #onAlert(body: Buffer): void {
    const alert = readAlert(body)
    if (!alert?.ends) return
    this.close()
    this.#options.onEnded(
      alert.description === ALERT.closeNotify ? 'the peer closed DTLS' : `the peer refused: alert ${alert.description}`,
    )
  }

  #onSealedHandshake(plain: Buffer): void {
    const state = this.#state
    const finished = readFragments(plain).filter(({ type }) => type === MESSAGE.finished)
    if (state.kind === 'negotiating') {
      for (const fragment of finished) state.reassembly.add(fragment)
      this.#advance(state)
    } else if (state.kind === 'secured' && finished.length > 0 && this.#mayRepeat()) {
      this.#sendFinished(state.finished)
    }
  }

  #advance(state: Negotiating): void {
    while (this.#state === state) {
      const message = state.reassembly.take()
      if (!message) return
      let step: HandshakeStep
      try {
        step = state.handshake.onMessage(message)
      } catch (error) {
        this.#fail(error)
        return
      }
      this.#follow(step, state)
    }
  }

  #follow(step: HandshakeStep, state: Negotiating): void {
    switch (step.kind) {
      case 'wait':
        return
      case 'hello':
        this.#flight = step.flight
        this.#retransmitAfter(DTLS_LIMITS.retransmitAfterMs, DTLS_LIMITS.maxRetransmits)
        this.#sendFlight()
        return
      case 'keys':
        this.#cipher = new RecordCipher(step.keyBlock, 'server')
        for (const record of state.held.splice(0)) this.#onRecord(record)
        return
      case 'done':
        this.#secure(step.finished, step.secured)
        return
    }
  }

  #secure(finished: Buffer, secured: SecuredMedia): void {
    this.#stopRetransmit()
    this.#flight = []
    this.#datagrams = 0
    this.#state = { kind: 'secured', finished: unpooled(finished) }
    this.#sendFinished(finished)
    this.#options.onSecured(secured)
  }

  /** RFC 6347 §4.2.4.1. */
  #retransmitAfter(delayMs: number, times: number): void {
    this.#cancelRetransmit = this.#options.clock.after(delayMs, () => {
      if (times === 0) {
        this.close()
        this.#options.onEnded('the DTLS handshake took too long')
        return
      }
      this.#sendFlight()
      this.#retransmitAfter(2 * delayMs, times - 1)
    })
  }

  #stopRetransmit(): void {
    this.#cancelRetransmit?.()
    this.#cancelRetransmit = null
  }

  #sendFlight(): void {
    this.#flightSentAtMs = this.#options.clock.monotonicMs()
    this.#sendRecords(this.#flight.map((message) => this.#plainRecord(CONTENT.handshake, message)))
  }

  /** Flight 6. A repeated one has new record numbers (RFC 6347 §4.2.4). */
  #sendFinished(finished: Buffer): void {
    const changeCipherSpec = this.#plainRecord(CONTENT.changeCipherSpec, Buffer.of(1))
    if (this.#cipher) this.#sendRecords([changeCipherSpec, this.#cipher.seal(CONTENT.handshake, finished)])
  }

  #plainRecord(type: ContentType, fragment: Buffer): Buffer {
    const position = { epoch: 0, sequence: this.#nextPlainSequence }
    this.#nextPlainSequence += 1
    return writeRecord(type, position, fragment)
  }

  #sendRecords(records: readonly Buffer[]): void {
    for (const datagram of packRecords(records)) this.#options.send(datagram)
  }

  #fail(error: unknown): void {
    const failure =
      error instanceof HandshakeFailure
        ? error
        : new HandshakeFailure(ALERT.decodeError, `DTLS failed: ${error instanceof Error ? error.message : error}`)
    // Our side has not changed its cipher yet: the alert goes in the clear.
    this.#sendRecords([this.#plainRecord(CONTENT.alert, writeAlert(failure.alert))])
    this.close()
    this.#options.onEnded(failure.message)
  }

  close(): void {
    if (this.#state.kind === 'ended') return
    // RFC 5246 §7.2.1: also the answer to the peer's.
    if (this.#state.kind === 'secured' && this.#cipher) {
      this.#options.send(this.#cipher.seal(CONTENT.alert, writeAlert(ALERT.closeNotify)))
    }
    this.#state = { kind: 'ended' }
    this.#cipher = null
    this.#flight = []
    this.#stopRetransmit()
    this.#options.queue.forget(this)
  }
}
