import { createHash, createHmac, createVerify, timingSafeEqual, X509Certificate } from 'node:crypto'
import { createSelfSignedCertificate, DtlsServer, HashAlgorithm, NamedCurveAlgorithm, SignatureAlgorithm } from 'werift'
import type { Fingerprint } from '../sdp/offer.ts'
import { SRTP_KEY_BYTES, SRTP_PROFILE, type SrtpKeys, type SrtpProfile, srtpSaltBytes } from '../srtp/srtp.ts'

/**
 * A DTLS 1.2 server for one peer, on werift's DtlsServer. werift reads CertificateVerify and Finished but does
 * not check them, mixes up the transcript when flights arrive out of order, starts over on any ClientHello,
 * and buffers fragments without limit: all of that is put right here, in front of it.
 */
export interface DtlsSession {
  /** A datagram whose first byte is 20 to 63 (RFC 7983). Never throws. */
  onDatagram(datagram: Buffer): void
  close(): void
}

interface DtlsSessionOptions {
  certificate: DtlsCertificate
  /** The peer's certificate must match one of these, from the offer (RFC 8122). */
  fingerprints: readonly Fingerprint[]
  send(datagram: Buffer): void
  onSecured(secured: SecuredMedia): void
  /** The handshake failed, or the peer said goodbye. At most once. */
  onEnded(why: string): void
}

export interface SecuredMedia {
  profile: SrtpProfile
  outgoing: SrtpKeys
  incoming: SrtpKeys
}

type WeriftOptions = ConstructorParameters<typeof DtlsServer>[0]
type Handshake = Parameters<DtlsServer['onHandleHandshakes']>[0][number]

const RECORD = { handshake: 22, alert: 21, headerBytes: 13 } as const
const MESSAGE = { clientHello: 1, certificate: 11, certificateVerify: 15, clientKeyExchange: 16, finished: 20 } as const
/** A ClientHello with post-quantum key shares is below 4 kB; browsers' certificates are below 1 kB. */
const MAX_MESSAGE_BYTES = 16 * 1024
/** A handshake is about ten datagrams; a lossy network may need each of them many times. */
const MAX_DATAGRAMS = 400

export interface DtlsCertificate {
  certPem: string
  keyPem: string
  /** SHA-256, upper-case hex pairs with colons. */
  fingerprint: string
  signatureHash: NonNullable<WeriftOptions['signatureHash']>
}

/** ECDSA on P-256 with SHA-256: what every browser takes. Made anew at each start of the node. */
export async function createDtlsCertificate(): Promise<DtlsCertificate> {
  const signatureHash = { signature: SignatureAlgorithm.ecdsa_3, hash: HashAlgorithm.sha256_4 }
  const { certPem, keyPem } = await createSelfSignedCertificate(signatureHash, NamedCurveAlgorithm.secp256r1_23)
  return { certPem, keyPem, fingerprint: new X509Certificate(certPem).fingerprint256, signatureHash }
}

export function createDtlsSession(options: DtlsSessionOptions): DtlsSession {
  return new WeriftDtlsSession(options)
}

class WeriftDtlsSession implements DtlsSession {
  readonly #options: DtlsSessionOptions
  readonly #transport: WeriftOptions['transport']
  readonly #server: DtlsServer
  /** The message_seq that the peer's next new handshake message has. */
  #nextSequence = 0
  #proven = false
  #secured = false
  #ended = false
  #datagrams = 0

  constructor(options: DtlsSessionOptions) {
    this.#options = options
    this.#transport = {
      type: 'udp',
      address: { address: '', family: '', port: 0 },
      onData: () => {},
      send: async (datagram) => {
        if (!this.#ended) options.send(datagram)
      },
      closed: false,
      close: async () => {},
    }
    this.#server = new DtlsServer({
      transport: this.#transport,
      cert: options.certificate.certPem,
      key: options.certificate.keyPem,
      signatureHash: options.certificate.signatureHash,
      srtpProfiles: [SRTP_PROFILE.aeadAes128Gcm, SRTP_PROFILE.aesCm128HmacSha1With80],
      certificateRequest: true,
      extendedMasterSecret: true,
    })
    this.#watch()
  }

  #watch(): void {
    const server = this.#server
    const handle = server.onHandleHandshakes
    server.onHandleHandshakes = async (messages) => {
      for (const message of messages) if (this.#admit(message)) await handle([message])
    }
    server.onConnect.subscribe(() => this.#onHandshakeDone())
    server.onError.subscribe((error) => this.#end(`DTLS failed: ${describe(error)}`))
    server.onClose.subscribe(() => this.#end('the peer closed DTLS'))
  }

  onDatagram(datagram: Buffer): void {
    if (this.#ended || !this.#isAcceptable(datagram)) return
    try {
      this.#transport.onData(datagram, ['', 0])
    } catch {
      // Not DTLS: dropped like any broken packet.
    }
  }

  /** Bounds what a peer can make werift do, before and after the handshake. */
  #isAcceptable(datagram: Buffer): boolean {
    this.#datagrams += 1
    if (datagram.length < RECORD.headerBytes + 1 || this.#datagrams > MAX_DATAGRAMS) return false
    const [type, isPlain] = [datagram.readUInt8(0), datagram.readUInt16BE(3) === 0]
    if (!isPlain) return true
    // Once secured, nothing in the clear may end or restart the session; a repeated flight 5 is let in.
    if (this.#secured && type === RECORD.alert) return false
    if (type !== RECORD.handshake || datagram.length < RECORD.headerBytes + 4) return true
    const messageType = datagram.readUInt8(RECORD.headerBytes)
    if (this.#secured && messageType === MESSAGE.clientHello) return false
    return datagram.readUIntBE(RECORD.headerBytes + 1, 3) <= MAX_MESSAGE_BYTES
  }

  /** Lets handshake messages through once, in order; the peer repeats a flight of which something was lost. */
  #admit(message: Handshake): boolean {
    if (this.#ended) return false
    const isNew = message.message_seq === this.#nextSequence
    switch (message.msg_type) {
      case MESSAGE.clientHello:
        if (this.#secured) return false
        this.#nextSequence = Math.max(this.#nextSequence, message.message_seq + 1)
        return true
      case MESSAGE.certificate:
      case MESSAGE.clientKeyExchange:
        if (isNew) this.#nextSequence += 1
        return isNew
      case MESSAGE.certificateVerify:
        if (!isNew) return false
        this.#nextSequence += 1
        return this.#check('the peer does not own the certificate of its offer', () => this.#proves(message))
      case MESSAGE.finished:
        // A repeated Finished makes werift repeat its own last flight.
        if (this.#secured) return true
        if (!isNew || !this.#proven) return false
        this.#nextSequence += 1
        return this.#check('the peer saw another handshake', () => this.#finishes(message))
      default:
        return false
    }
  }

  #check(failure: string, holds: () => boolean): boolean {
    let held = false
    try {
      held = holds()
    } catch {
      // A certificate or signature that cannot be read is as good as none.
    }
    if (!held) this.#end(failure)
    return held
  }

  /** RFC 5246 §7.4.8 and RFC 8122 §5: the certificate is the offer's, and the peer has its key. */
  #proves(message: Handshake): boolean {
    const der = this.#server.remoteCertificate
    if (!der || !this.#options.fingerprints.some((wanted) => fingerprintOf(der, wanted.algorithm) === wanted.value)) {
      return false
    }
    const [hash, signatureBytes] = [message.fragment.readUInt8(0), message.fragment.readUInt16BE(2)]
    // We ask for SHA-256 signatures only, by RSA or ECDSA.
    if (hash !== HashAlgorithm.sha256_4) return false
    const signature = message.fragment.subarray(4, 4 + signatureBytes)
    const { publicKey } = new X509Certificate(der)
    this.#proven = createVerify('sha256').update(this.#transcript()).verify(publicKey, signature)
    return this.#proven
  }

  /** RFC 5246 §7.4.9: verify_data is 12 bytes of the PRF, one round of P_SHA256 (§5). */
  #finishes(message: Handshake): boolean {
    const seed = Buffer.concat([
      Buffer.from('client finished'),
      createHash('sha256').update(this.#transcript()).digest(),
    ])
    const secret = this.#server.cipher.masterSecret
    const first = createHmac('sha256', secret).update(seed).digest()
    const expected = createHmac('sha256', secret).update(first).update(seed).digest().subarray(0, 12)
    return message.fragment.length === expected.length && timingSafeEqual(message.fragment, expected)
  }

  #transcript(): Buffer {
    return Buffer.concat(this.#server.dtls.sortedHandshakeCache.map((message) => message.serialize()))
  }

  #onHandshakeDone(): void {
    if (this.#ended || this.#secured) return
    const profile = profileOf(this.#server.srtp.srtpProfile)
    if (profile === null) {
      this.#end('the peer offers no SRTP profile of ours')
      return
    }
    this.#secured = true
    const keys = this.#server.extractSessionKeys(SRTP_KEY_BYTES, srtpSaltBytes(profile))
    this.#options.onSecured({
      profile,
      outgoing: { masterKey: keys.localKey, masterSalt: keys.localSalt },
      incoming: { masterKey: keys.remoteKey, masterSalt: keys.remoteSalt },
    })
  }

  #end(why: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.onEnded(why)
  }

  close(): void {
    this.#ended = true
  }
}

function profileOf(profile: number | undefined): SrtpProfile | null {
  return Object.values(SRTP_PROFILE).find((known) => known === profile) ?? null
}

function fingerprintOf(der: Buffer, algorithm: Fingerprint['algorithm']): string {
  const hex = createHash(algorithm.replace('-', '')).update(der).digest('hex').toUpperCase()
  return (hex.match(/../g) ?? []).join(':')
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
