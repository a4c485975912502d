import { verify, X509Certificate } from 'node:crypto'
import { SRTP_PROFILE, type SrtpProfile } from '../srtp/profile.ts'
import { ByteReader, uint, uints, vector } from './byte-reader.ts'
import { CIPHER_SUITE, EXTENSION, parseExtensions, RANDOM_BYTES, SIGNATURE_SCHEME } from './client-hello.ts'
import { CURVES_BY_PREFERENCE, type Curve } from './key-exchange.ts'
import type { Randoms } from './key-schedule.ts'
import { DTLS_1_2 } from './records.ts'

export interface ClientOffer {
  random: Buffer
  srtpProfiles: readonly SrtpProfile[]
  curves: readonly Curve[]
  extendedMasterSecret: boolean
  /** Bytes that the server has no use for, as post-quantum key shares are. */
  paddingBytes: number
}

/** A type that IANA gives to nobody (RFC 8701): servers must ignore it. */
const PADDING_EXTENSION = 0x1a1a

/** The body of a ClientHello. */
export function writeClientHello(offer: ClientOffer): Buffer {
  const extensions: [number, Buffer][] = [
    [EXTENSION.supportedGroups, list(offer.curves)],
    [EXTENSION.pointFormats, vector(1, uint(0, 1))],
    [EXTENSION.signatureAlgorithms, list([SIGNATURE_SCHEME.ecdsaSha256])],
    [EXTENSION.useSrtp, Buffer.concat([list(offer.srtpProfiles), vector(1)])],
    [EXTENSION.renegotiationInfo, vector(1)],
    [PADDING_EXTENSION, Buffer.alloc(offer.paddingBytes)],
  ]
  if (offer.extendedMasterSecret) extensions.push([EXTENSION.extendedMasterSecret, Buffer.alloc(0)])
  const [noSession, noCookie, noCompression] = [vector(1), vector(1), vector(1, uint(0, 1))]
  const head = [uint(DTLS_1_2, 2), offer.random, noSession, noCookie, list([CIPHER_SUITE]), noCompression]
  const written = extensions.map(([type, body]) => Buffer.concat([uint(type, 2), vector(2, body)]))
  return Buffer.concat([...head, vector(2, ...written)])
}

function list(values: readonly number[]): Buffer {
  return vector(2, ...values.map((value) => uint(value, 2)))
}

export interface ServerAgreement {
  random: Buffer
  srtpProfile: SrtpProfile
  extendedMasterSecret: boolean
}

/** @throws where it is no ServerHello, or chooses what nobody offered. */
export function readServerHello(body: Buffer): ServerAgreement {
  const reader = new ByteReader(body)
  reader.uint(2)
  const random = reader.bytes(RANDOM_BYTES)
  reader.vector(1)
  if (reader.uint(2) !== CIPHER_SUITE || reader.uint(1) !== 0) throw new Error('a cipher suite that was not offered')
  const extensions = parseExtensions(reader.vector(2))
  const [chosen] = uints(new ByteReader(extensions.get(EXTENSION.useSrtp) ?? uint(0, 2)).vector(2), 2)
  const srtpProfile = Object.values(SRTP_PROFILE).find((known) => known === chosen)
  if (srtpProfile === undefined) throw new Error('no SRTP profile')
  return { random, srtpProfile, extendedMasterSecret: extensions.has(EXTENSION.extendedMasterSecret) }
}

interface ServerProof {
  /** SHA-256, as in the answer. */
  fingerprint: string
  certificate: Buffer
  keyExchange: Buffer
  randoms: Randoms
}

/**
 * The server's half of the key exchange, once it is proved that it made it with the certificate of the answer (RFC 8422
 * §5.4). @throws where it did not.
 */
export function readServerKeyExchange(proof: ServerProof): { curve: Curve; point: Buffer } {
  const owner = new X509Certificate(new ByteReader(new ByteReader(proof.certificate).vector(3)).vector(3))
  if (owner.fingerprint256 !== proof.fingerprint) throw new Error('not the certificate of the answer')
  const reader = new ByteReader(proof.keyExchange)
  reader.uint(1)
  const [number, point] = [reader.uint(2), reader.vector(1)]
  const parameters = proof.keyExchange.subarray(0, proof.keyExchange.length - reader.remaining)
  const signed = Buffer.concat([proof.randoms.client, proof.randoms.server, parameters])
  const [scheme, signature] = [reader.uint(2), reader.vector(2)]
  if (scheme !== SIGNATURE_SCHEME.ecdsaSha256 || !verify('sha256', signed, owner.publicKey, signature)) {
    throw new Error('a key exchange of somebody else')
  }
  const curve = CURVES_BY_PREFERENCE.find((known) => known === number)
  if (curve === undefined) throw new Error('a curve that was not offered')
  return { curve, point }
}
