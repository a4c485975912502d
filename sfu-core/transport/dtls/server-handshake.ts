import { createHash, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Fingerprint } from '../sdp/offer.ts'
import type { SrtpKeys, SrtpProfile } from '../srtp/profile.ts'
import { ALERT, HandshakeFailure } from './alerts.ts'
import { ByteReader } from './byte-reader.ts'
import { type Agreement, agree, RANDOM_BYTES } from './client-hello.ts'
import type { DtlsCertificate } from './dtls-certificate.ts'
import { type HandshakeMessage, MESSAGE, writeMessage } from './handshake-messages.ts'
import { createEphemeralKey, type EphemeralKey } from './key-exchange.ts'
import { extendedMasterSecret, keyBlock, masterSecret, type Randoms, srtpKeys, verifyData } from './key-schedule.ts'
import { keyOfCertificate, provesPossession } from './peer-proof.ts'
import { writeServerFlight } from './server-flight.ts'

export interface ServerHandshakeOptions {
  certificate: DtlsCertificate
  fingerprints: readonly Fingerprint[]
  /** The preferred first. */
  srtpProfiles: readonly SrtpProfile[]
}

export interface SecuredMedia {
  profile: SrtpProfile
  outgoing: SrtpKeys
  incoming: SrtpKeys
}

export type HandshakeStep =
  | { kind: 'wait' }
  /** Whole messages of flight 4, for the peer. */
  | { kind: 'hello'; flight: Buffer[] }
  /** The peer's sealed records can be read from now on. */
  | { kind: 'keys'; keyBlock: Buffer }
  /** Everything is proved. `finished` is a whole message for the peer, to be sealed. */
  | { kind: 'done'; finished: Buffer; secured: SecuredMedia }

type Stage =
  | { awaits: 'clientHello' }
  | { awaits: 'certificate'; agreed: Agreed }
  | { awaits: 'clientKeyExchange'; agreed: Agreed; peerKey: KeyObject }
  | { awaits: 'certificateVerify'; agreed: Agreed; peerKey: KeyObject; master: Buffer }
  | { awaits: 'finished'; agreed: Agreed; master: Buffer }
  | { awaits: 'nothing' }

interface Agreed {
  agreement: Agreement
  randoms: Randoms
  ephemeral: EphemeralKey
}

/** Why a handshake ended that was somebody else's. */
const NOT_THE_OFFERS = 'the peer does not own the certificate of its offer'
/** ServerHello to ServerHelloDone are our messages 0 to 4. */
const FINISHED_SEQUENCE = 5
const WAIT: HandshakeStep = { kind: 'wait' }

/** The server's part of one DTLS 1.2 handshake (RFC 5246 §7.3), message by message, without records or time. */
export class ServerHandshake {
  readonly #options: ServerHandshakeOptions
  #stage: Stage = { awaits: 'clientHello' }
  #transcript: Buffer[] = []

  constructor(options: ServerHandshakeOptions) {
    this.#options = options
  }

  /** The peer's next message, in order. @throws HandshakeFailure; other errors mean a message that can't be read. */
  onMessage(message: HandshakeMessage): HandshakeStep {
    const step = this.#advance(message)
    if (step.kind === 'hello') this.#transcript.push(...step.flight)
    return step
  }

  #advance(message: HandshakeMessage): HandshakeStep {
    const stage = this.#stage
    if (stage.awaits === 'nothing' || message.type !== MESSAGE[stage.awaits]) {
      throw new HandshakeFailure(ALERT.unexpectedMessage, `message ${message.type} instead of ${stage.awaits}`)
    }
    switch (stage.awaits) {
      case 'clientHello':
        return this.#onClientHello(message)
      case 'certificate':
        return this.#onCertificate(message, stage)
      case 'clientKeyExchange':
        return this.#onClientKeyExchange(message, stage)
      case 'certificateVerify':
        return this.#onCertificateVerify(message, stage)
      case 'finished':
        return this.#onFinished(message, stage)
    }
  }

  #onClientHello(message: HandshakeMessage): HandshakeStep {
    const { certificate, srtpProfiles } = this.#options
    const agreement = agree(message.body, srtpProfiles)
    const randoms = { client: agreement.clientRandom, server: randomBytes(RANDOM_BYTES) }
    const ephemeral = createEphemeralKey(agreement.curve)
    this.#transcript.push(message.bytes)
    this.#stage = { awaits: 'certificate', agreed: { agreement, randoms, ephemeral } }
    return { kind: 'hello', flight: writeServerFlight({ agreement, randoms, certificate, point: ephemeral.point }) }
  }

  #onCertificate(message: HandshakeMessage, { agreed }: Stage & { awaits: 'certificate' }): HandshakeStep {
    const peerKey = readable(() => keyOfCertificate(message.body, this.#options.fingerprints))
    if (!peerKey) throw new HandshakeFailure(ALERT.badCertificate, NOT_THE_OFFERS)
    this.#transcript.push(message.bytes)
    this.#stage = { awaits: 'clientKeyExchange', agreed, peerKey }
    return WAIT
  }

  #onClientKeyExchange(
    message: HandshakeMessage,
    { agreed, peerKey }: Stage & { awaits: 'clientKeyExchange' },
  ): HandshakeStep {
    const { agreement, randoms, ephemeral } = agreed
    const point = new ByteReader(message.body).vector(1)
    const premaster = readable(() => ephemeral.agree(point))
    if (!premaster) throw new HandshakeFailure(ALERT.illegalParameter, 'the key exchange failed')
    this.#transcript.push(message.bytes)
    const master = agreement.extendedMasterSecret
      ? extendedMasterSecret(premaster, this.#transcriptHash())
      : masterSecret(premaster, randoms)
    this.#stage = { awaits: 'certificateVerify', agreed, peerKey, master }
    return { kind: 'keys', keyBlock: keyBlock(master, randoms) }
  }

  #onCertificateVerify(
    message: HandshakeMessage,
    { agreed, peerKey, master }: Stage & { awaits: 'certificateVerify' },
  ): HandshakeStep {
    const transcript = Buffer.concat(this.#transcript)
    if (!readable(() => provesPossession(message.body, peerKey, transcript))) {
      throw new HandshakeFailure(ALERT.decryptError, NOT_THE_OFFERS)
    }
    this.#transcript.push(message.bytes)
    this.#stage = { awaits: 'finished', agreed, master }
    return WAIT
  }

  #onFinished(message: HandshakeMessage, { agreed, master }: Stage & { awaits: 'finished' }): HandshakeStep {
    const expected = verifyData(master, 'client', this.#transcriptHash())
    if (message.body.length !== expected.length || !timingSafeEqual(message.body, expected)) {
      throw new HandshakeFailure(ALERT.decryptError, 'the peer saw another handshake')
    }
    this.#transcript.push(message.bytes)
    const ours = verifyData(master, 'server', this.#transcriptHash())
    this.#transcript = []
    this.#stage = { awaits: 'nothing' }
    const profile = agreed.agreement.srtpProfile
    return {
      kind: 'done',
      finished: writeMessage(MESSAGE.finished, FINISHED_SEQUENCE, ours),
      secured: { profile, ...srtpKeys(master, agreed.randoms, profile) },
    }
  }

  #transcriptHash(): Buffer {
    const hash = createHash('sha256')
    for (const message of this.#transcript) hash.update(message)
    return hash.digest()
  }
}

/** A certificate, point or signature that can't be read is as good as none. */
function readable<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
