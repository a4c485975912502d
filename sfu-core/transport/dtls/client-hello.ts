import type { SrtpProfile } from '../srtp/profile.ts'
import { ALERT, HandshakeFailure } from './alerts.ts'
import { ByteReader, uints } from './byte-reader.ts'
import { CURVE, CURVES_BY_PREFERENCE, type Curve } from './key-exchange.ts'
import { DTLS_1_2 } from './records.ts'

export const RANDOM_BYTES = 32

/** ECDHE with our ECDSA certificate and AES-128-GCM: every WebRTC peer has it (RFC 8827 §6.5). */
export const CIPHER_SUITE = 0xc02b
/** RFC 8446 §4.2.3's names; in TLS 1.2 the same two bytes are hash and signature. */
export const SIGNATURE_SCHEME = { ecdsaSha256: 0x0403, rsaPkcs1Sha256: 0x0401 } as const

/** IANA "TLS ExtensionType Values". */
export const EXTENSION = {
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  useSrtp: 14,
  extendedMasterSecret: 23,
  supportedVersions: 43,
  renegotiationInfo: 0xff01,
} as const

/** RFC 5746 §3.3: says in the list of cipher suites what an empty renegotiation_info says. */
const EMPTY_RENEGOTIATION_INFO_SUITE = 0x00ff

interface ClientHello {
  random: Buffer
  cipherSuites: number[]
  extensions: Map<number, Buffer>
}

/** What a handshake agrees on. */
export interface Agreement {
  clientRandom: Buffer
  curve: Curve
  srtpProfile: SrtpProfile
  extendedMasterSecret: boolean
  /** The client told that it knows RFC 5746, and wants to hear the same. */
  secureRenegotiation: boolean
  /** The client told its point formats, and wants to hear ours (RFC 8422 §5.2). */
  pointFormats: boolean
}

/**
 * Chooses from what a client offers.
 * @param srtpProfiles ours, the preferred first
 * @throws HandshakeFailure where the two sides have nothing in common; RangeError where it is no ClientHello
 */
export function agree(body: Buffer, srtpProfiles: readonly SrtpProfile[]): Agreement {
  const hello = parseClientHello(body)
  const { extensions } = hello
  if (!hello.cipherSuites.includes(CIPHER_SUITE)) throw nothingInCommon('cipher suite')
  checkSignatures(extensions.get(EXTENSION.signatureAlgorithms))
  return {
    clientRandom: Buffer.from(hello.random),
    curve: chooseCurve(extensions.get(EXTENSION.supportedGroups)),
    srtpProfile: chooseSrtpProfile(extensions.get(EXTENSION.useSrtp), srtpProfiles),
    extendedMasterSecret: extensions.has(EXTENSION.extendedMasterSecret),
    secureRenegotiation: offersSecureRenegotiation(hello),
    pointFormats: extensions.has(EXTENSION.pointFormats),
  }
}

function parseClientHello(body: Buffer): ClientHello {
  const reader = new ByteReader(body)
  const version = reader.uint(2)
  const random = reader.bytes(RANDOM_BYTES)
  reader.vector(1) // session_id: nothing is resumed
  reader.vector(1) // cookie: see dtls-session.ts
  const cipherSuites = uints(reader.vector(2), 2)
  if (!reader.vector(1).includes(0)) throw nothingInCommon('compression method')
  const extensions = parseExtensions(reader.remaining > 0 ? reader.vector(2) : Buffer.alloc(0))
  checkVersion(version, extensions.get(EXTENSION.supportedVersions))
  return { random, cipherSuites, extensions }
}

/** By type. @throws where one comes twice, or the vector is broken. */
export function parseExtensions(bytes: Buffer): Map<number, Buffer> {
  const extensions = new Map<number, Buffer>()
  const reader = new ByteReader(bytes)
  while (reader.remaining > 0) {
    const type = reader.uint(2)
    if (extensions.has(type)) throw new HandshakeFailure(ALERT.decodeError, 'an extension came twice')
    extensions.set(type, reader.vector(2))
  }
  return extensions
}

/** DTLS counts its versions downwards: 1.0 is 0xfeff, 1.2 0xfefd, 1.3 0xfefc (told in supported_versions only). */
function checkVersion(version: number, supported: Buffer | undefined): void {
  const knowsOurs = supported
    ? uints(new ByteReader(supported).vector(1), 2).includes(DTLS_1_2)
    : version >> 8 === DTLS_1_2 >> 8 && version <= DTLS_1_2
  if (!knowsOurs) throw new HandshakeFailure(ALERT.protocolVersion, 'the peer does not speak DTLS 1.2')
}

function checkSignatures(extension: Buffer | undefined): void {
  // Without the extension SHA-1 would be meant (RFC 5246 §7.4.1.4.1), which we do not sign with.
  const schemes = extension ? uints(new ByteReader(extension).vector(2), 2) : []
  if (!schemes.includes(SIGNATURE_SCHEME.ecdsaSha256)) throw nothingInCommon('signature algorithm')
}

function chooseCurve(extension: Buffer | undefined): Curve {
  // RFC 8422 §4: who does not say takes any.
  if (!extension) return CURVE.p256
  const groups = uints(new ByteReader(extension).vector(2), 2)
  // RFC 8422 §5.1: the list is for certificates too, and ours is on P-256.
  if (!groups.includes(CURVE.p256)) throw nothingInCommon('curve')
  const curve = CURVES_BY_PREFERENCE.find((ours) => groups.includes(ours))
  if (curve === undefined) throw nothingInCommon('curve')
  return curve
}

/** RFC 5764 §4.1.1: the server chooses. An MKI is not used, whatever the client would like (§4.1.3). */
function chooseSrtpProfile(extension: Buffer | undefined, ours: readonly SrtpProfile[]): SrtpProfile {
  const theirs = extension ? uints(new ByteReader(extension).vector(2), 2) : []
  const profile = ours.find((candidate) => theirs.includes(candidate))
  if (profile === undefined) throw nothingInCommon('SRTP profile')
  return profile
}

function offersSecureRenegotiation({ cipherSuites, extensions }: ClientHello): boolean {
  const info = extensions.get(EXTENSION.renegotiationInfo)
  if (!info) return cipherSuites.includes(EMPTY_RENEGOTIATION_INFO_SUITE)
  // RFC 5746 §3.6: in a first handshake there is no earlier one to name.
  if (new ByteReader(info).vector(1).length > 0) {
    throw new HandshakeFailure(ALERT.handshakeFailure, 'the peer renegotiates what it never negotiated')
  }
  return true
}

function nothingInCommon(what: string): HandshakeFailure {
  return new HandshakeFailure(ALERT.handshakeFailure, `the peer offers no ${what} of ours`)
}
