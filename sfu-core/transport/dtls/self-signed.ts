import { type KeyObject, sign } from 'node:crypto'

/** DER (X.690): tag, length, content. */
function der(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body])
  const length = Buffer.of(body.length >> 8, body.length & 0xff)
  const significant = length[0] === 0 ? length.subarray(1) : length
  return Buffer.concat([Buffer.of(tag, 0x80 | significant.length), significant, body])
}

const TAG = { integer: 0x02, bitString: 0x03, oid: 0x06, utf8: 0x0c, utcTime: 0x17, sequence: 0x30, set: 0x31 } as const
const EXPLICIT_VERSION = 0xa0
const VERSION_3 = 2
/** 1.2.840.10045.4.3.2, without parameters (RFC 5758 §3.2). */
const ECDSA_WITH_SHA256 = der(TAG.sequence, der(TAG.oid, Buffer.from('2a8648ce3d040302', 'hex')))
/** 2.5.4.3. */
const COMMON_NAME = der(TAG.oid, Buffer.from('550403', 'hex'))

export interface SelfSigned {
  privateKey: KeyObject
  publicKey: KeyObject
  commonName: string
  /** Up to 20 bytes; its first bit is not used. */
  serial: Buffer
  /** ms since the Unix epoch. UTCTime ends with the year 2049 (RFC 5280 §4.1.2.5). */
  validFromMs: number
  validUntilMs: number
}

/**
 * An X.509 certificate (RFC 5280 §4.1) of an EC key, signed by itself, as DER. Node makes none. WebRTC reads nothing
 * of it but the key: who it belongs to, the fingerprint in the SDP says (RFC 8122).
 */
export function writeSelfSigned(parts: SelfSigned): Buffer {
  const serial = Buffer.from(parts.serial)
  // Positive, and without a leading zero that DER would not have.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  const name = der(
    TAG.sequence,
    der(TAG.set, der(TAG.sequence, COMMON_NAME, der(TAG.utf8, Buffer.from(parts.commonName)))),
  )
  const toBeSigned = der(
    TAG.sequence,
    der(EXPLICIT_VERSION, der(TAG.integer, Buffer.of(VERSION_3))),
    der(TAG.integer, serial),
    ECDSA_WITH_SHA256,
    name,
    der(TAG.sequence, utcTime(parts.validFromMs), utcTime(parts.validUntilMs)),
    name,
    parts.publicKey.export({ format: 'der', type: 'spki' }),
  )
  const signature = sign('sha256', toBeSigned, parts.privateKey)
  const noUnusedBits = Buffer.of(0)
  return der(TAG.sequence, toBeSigned, ECDSA_WITH_SHA256, der(TAG.bitString, noUnusedBits, signature))
}

/** YYMMDDHHMMSSZ. */
function utcTime(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replace(/\..*|\D/g, '')
  return der(TAG.utcTime, Buffer.from(`${digits.slice(2)}Z`))
}
