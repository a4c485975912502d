import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto'
import type { Fingerprint } from '../sdp/offer.ts'
import { ByteReader } from './byte-reader.ts'
import { SIGNATURE_SCHEME } from './client-hello.ts'

/** What browsers and GStreamer make; checking takes 0.1 ms. Other curves, huge keys and exponents take many times that. */
const EC_CURVE = 'prime256v1'
const MAX_RSA_BITS = 4_096
const MAX_RSA_EXPONENT = 65_537n

/**
 * The key of a Certificate message whose first certificate is one of the offer's (RFC 8122 §5); null where it is not.
 * What else the certificate says does not count: it is self-signed. @throws where it is no certificate.
 */
export function keyOfCertificate(body: Buffer, fingerprints: readonly Fingerprint[]): KeyObject | null {
  const list = new ByteReader(body).vector(3)
  if (list.length === 0) return null
  const der = new ByteReader(list).vector(3)
  if (!fingerprints.some(({ algorithm, value }) => fingerprintOf(der, algorithm) === value)) return null
  const { publicKey } = new X509Certificate(der)
  return isAcceptable(publicKey) ? publicKey : null
}

function isAcceptable(key: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa') return modulusLength <= MAX_RSA_BITS && publicExponent <= MAX_RSA_EXPONENT
  return key.asymmetricKeyType === 'ec' && namedCurve === EC_CURVE
}

/** RFC 5246 §7.4.8: whether a CertificateVerify signs `transcript`, all messages before it, with the certificate's key. */
export function provesPossession(body: Buffer, key: KeyObject, transcript: Buffer): boolean {
  const reader = new ByteReader(body)
  const [scheme, signature] = [reader.uint(2), reader.vector(2)]
  const wanted = key.asymmetricKeyType === 'rsa' ? SIGNATURE_SCHEME.rsaPkcs1Sha256 : SIGNATURE_SCHEME.ecdsaSha256
  return scheme === wanted && verify('sha256', transcript, key, signature)
}

function fingerprintOf(der: Buffer, algorithm: Fingerprint['algorithm']): string {
  const hex = createHash(algorithm.replace('-', '')).update(der).digest('hex').toUpperCase()
  return (hex.match(/../g) ?? []).join(':')
}
