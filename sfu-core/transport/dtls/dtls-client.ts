import { createHash, randomBytes, sign } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { SrtpProfile } from '../srtp/profile.ts'
import { ALERT, writeAlert } from './alerts.ts'
import { uint, vector } from './byte-reader.ts'
import { RANDOM_BYTES, SIGNATURE_SCHEME } from './client-hello.ts'
import { readServerHello, readServerKeyExchange, type ServerAgreement, writeClientHello } from './client-messages.ts'
import type { DtlsCertificate } from './dtls-certificate.ts'
import {
  fragmentMessage,
  type HandshakeMessage,
  MESSAGE,
  MESSAGE_HEADER_BYTES,
  type MessageType,
  readFragments,
  writeMessage,
} from './handshake-messages.ts'
import { HandshakeReassembly } from './handshake-reassembly.ts'
import { CURVES_BY_PREFERENCE, type Curve, createEphemeralKey } from './key-exchange.ts'
import { extendedMasterSecret, keyBlock, masterSecret, type Randoms, srtpKeys, verifyData } from './key-schedule.ts'
import { RecordCipher } from './record-cipher.ts'
import {
  CONTENT,
  type ContentType,
  MAX_DATAGRAM_BYTES,
  packRecords,
  RECORD_HEADER_BYTES,
  readRecords,
  writeRecord,
} from './records.ts'
import type { SecuredMedia } from './server-handshake.ts'

export interface DtlsClientOptions {
  certificate: DtlsCertificate
  /** The server's, SHA-256. */
  fingerprint: string
  clock: Clock
  srtpProfiles: readonly SrtpProfile[]
  curves?: readonly Curve[] | undefined
  extendedMasterSecret?: boolean | undefined
  /** Messages are cut, and datagrams filled, up to this. */
  maxDatagramBytes?: number | undefined
  /** Bytes in the ClientHello that the server has no use for, as post-quantum key shares are. */
  helloPaddingBytes?: number | undefined
  send(datagram: Buffer): void
  /** Both sides have proved who they are. Outgoing is what the client sends with. */
  onSecured(secured: SecuredMedia): void
  onEnded(why: string): void
}

/** BoringSSL's first timeout as libwebrtc sets it, doubled at each repeat. */
const RETRANSMIT_AFTER_MS = 50
const MAX_RETRANSMITS = 10
const SERVER_FLIGHT: readonly MessageType[] = [
  MESSAGE.serverHello,
  MESSAGE.certificate,
  MESSAGE.serverKeyExchange,
  MESSAGE.certificateRequest,
  MESSAGE.serverHelloDone,
]

interface Agreed {
  server: ServerAgreement
  randoms: Randoms
  master: Buffer
  cipher: RecordCipher
}

/**
 * The other end of a DtlsSession: a peer to rehearse with, and to try things on. It does what browsers do, repeats
 * its flights as soon as they do, and checks what the server proves.
 */
export class DtlsClient {
  readonly #options: DtlsClientOptions
  readonly #reassembly = new HandshakeReassembly()
  readonly #random = randomBytes(RANDOM_BYTES)
  readonly #transcript: Buffer[] = []
  readonly #serverFlight: Buffer[] = []
  /** What is repeated until the server answers: whole messages; the last one sealed once there are keys. */
  #flight: Buffer[] = []
  #agreed: Agreed | null = null
  #nextPlainSequence = 0
  #cancelRetransmit: (() => void) | null = null
  #isOver = false

  constructor(options: DtlsClientOptions) {
    this.#options = options
  }

  connect(): void {
    const { srtpProfiles, curves = CURVES_BY_PREFERENCE, helloPaddingBytes = 0 } = this.#options
    const extended = this.#options.extendedMasterSecret ?? true
    const offer = { random: this.#random, srtpProfiles, curves, extendedMasterSecret: extended }
    this.#beginFlight([
      this.#write(MESSAGE.clientHello, 0, writeClientHello({ ...offer, paddingBytes: helloPaddingBytes })),
    ])
  }

  /** A datagram of the server's. Never throws. */
  onDatagram(datagram: Buffer): void {
    for (const record of readRecords(datagram)) {
      if (this.#isOver) return
      const plain = record.epoch === 0 ? record.fragment : this.#agreed?.cipher.open(record)
      if (!plain) continue
      if (record.type === CONTENT.handshake) this.#onHandshake(plain)
      else if (record.type === CONTENT.alert) this.#end(`alert ${plain[1]}`)
    }
  }

  #onHandshake(plain: Buffer): void {
    for (const fragment of readFragments(plain)) {
      const isRepeated = fragment.sequence < this.#reassembly.nextSequence
      if (isRepeated && fragment.type === MESSAGE.serverHello) this.#sendFlight()
      this.#reassembly.add(fragment)
    }
    try {
      for (let message = this.#reassembly.take(); message; message = this.#reassembly.take()) this.#onMessage(message)
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error))
    }
  }

  #onMessage(message: HandshakeMessage): void {
    const expected = SERVER_FLIGHT[this.#serverFlight.length] ?? MESSAGE.finished
    if (message.type !== expected) throw new Error(`message ${message.type} instead of ${expected}`)
    if (message.type === MESSAGE.finished) {
      this.#onFinished(message)
      return
    }
    this.#transcript.push(message.bytes)
    this.#serverFlight.push(message.body)
    if (message.type === MESSAGE.serverHelloDone) this.#answer()
  }

  /** Flight 5. */
  #answer(): void {
    const [hello, certificate, keyExchange] = this.#serverFlight
    if (!hello || !certificate || !keyExchange) return
    const { fingerprint, certificate: own } = this.#options
    const server = readServerHello(hello)
    const randoms = { client: this.#random, server: server.random }
    const { curve, point } = readServerKeyExchange({ fingerprint, certificate, keyExchange, randoms })
    const ephemeral = createEphemeralKey(curve)
    const premaster = ephemeral.agree(point)
    const ownership = this.#write(MESSAGE.certificate, 1, vector(3, vector(3, own.der)))
    const exchange = this.#write(MESSAGE.clientKeyExchange, 2, vector(1, ephemeral.point))
    const master = server.extendedMasterSecret
      ? extendedMasterSecret(premaster, this.#transcriptHash())
      : masterSecret(premaster, randoms)
    const signature = sign('sha256', Buffer.concat(this.#transcript), own.privateKey)
    const proof = Buffer.concat([uint(SIGNATURE_SCHEME.ecdsaSha256, 2), vector(2, signature)])
    const possession = this.#write(MESSAGE.certificateVerify, 3, proof)
    const finished = this.#write(MESSAGE.finished, 4, verifyData(master, 'client', this.#transcriptHash()))
    this.#agreed = { server, randoms, master, cipher: new RecordCipher(keyBlock(master, randoms), 'client') }
    this.#beginFlight([ownership, exchange, possession, finished])
  }

  #write(type: MessageType, sequence: number, body: Buffer): Buffer {
    const message = writeMessage(type, sequence, body)
    this.#transcript.push(message)
    return message
  }

  #onFinished({ body }: HandshakeMessage): void {
    if (!this.#agreed) return
    const { master, randoms, server } = this.#agreed
    if (!body.equals(verifyData(master, 'server', this.#transcriptHash()))) {
      throw new Error('the server saw another handshake')
    }
    this.#cancelRetransmit?.()
    const { outgoing, incoming } = srtpKeys(master, randoms, server.srtpProfile)
    this.#options.onSecured({ profile: server.srtpProfile, outgoing: incoming, incoming: outgoing })
  }

  #transcriptHash(): Buffer {
    return createHash('sha256').update(Buffer.concat(this.#transcript)).digest()
  }

  #beginFlight(flight: Buffer[]): void {
    this.#flight = flight
    this.#retransmitAfter(RETRANSMIT_AFTER_MS, MAX_RETRANSMITS)
    this.#sendFlight()
  }

  #retransmitAfter(delayMs: number, times: number): void {
    this.#cancelRetransmit?.()
    this.#cancelRetransmit = this.#options.clock.after(delayMs, () => {
      if (times === 0) {
        this.#end('no answer')
        return
      }
      this.#sendFlight()
      this.#retransmitAfter(2 * delayMs, times - 1)
    })
  }

  #sendFlight(): void {
    const { maxDatagramBytes = MAX_DATAGRAM_BYTES } = this.#options
    const maxFragmentBytes = maxDatagramBytes - RECORD_HEADER_BYTES - MESSAGE_HEADER_BYTES
    const cipher = this.#agreed?.cipher
    const plain = cipher ? this.#flight.slice(0, -1) : this.#flight
    const records = plain
      .flatMap((message) => fragmentMessage(message, maxFragmentBytes))
      .map((fragment) => this.#plainRecord(CONTENT.handshake, fragment))
    const [finished] = this.#flight.slice(-1)
    if (cipher && finished) {
      records.push(this.#plainRecord(CONTENT.changeCipherSpec, Buffer.of(1)))
      records.push(cipher.seal(CONTENT.handshake, finished))
    }
    for (const datagram of packRecords(records, maxDatagramBytes)) this.#options.send(datagram)
  }

  #plainRecord(type: ContentType, fragment: Buffer): Buffer {
    const position = { epoch: 0, sequence: this.#nextPlainSequence }
    this.#nextPlainSequence += 1
    return writeRecord(type, position, fragment)
  }

  #end(why: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelRetransmit?.()
    this.#options.onEnded(why)
  }

  /** Says goodbye, sealed where there are keys. Idempotent. */
  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelRetransmit?.()
    const cipher = this.#agreed?.cipher
    if (cipher) this.#options.send(cipher.seal(CONTENT.alert, writeAlert(ALERT.closeNotify)))
  }
}
