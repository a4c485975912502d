import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto'

/** IANA "TLS Supported Groups". Every browser has both; X25519 is the cheaper (105 against 140 µs for both halves). */
export const CURVE = { p256: 0x0017, x25519: 0x001d } as const
export type Curve = (typeof CURVE)[keyof typeof CURVE]
export const CURVES_BY_PREFERENCE: readonly Curve[] = [CURVE.x25519, CURVE.p256]

const P256_COORDINATE_BYTES = 32
const X25519_POINT_BYTES = 32
/** RFC 8422 §5.4.1: the uncompressed form, the only one that is left. */
const UNCOMPRESSED = 4

/** One handshake's half of an elliptic-curve Diffie-Hellman (RFC 8422). */
export interface EphemeralKey {
  /** As it stands in ServerKeyExchange. */
  point: Buffer
  /** The premaster secret. @throws where the peer's point is not one of the curve, or gives a secret of zeros. */
  agree(peerPoint: Buffer): Buffer
}

/** Through JWK, since that is the quickest form that OpenSSL's and Electron's (BoringSSL's) Node both know. */
export function createEphemeralKey(curve: Curve): EphemeralKey {
  const { publicKey, privateKey } =
    curve === CURVE.x25519 ? generateKeyPairSync('x25519') : generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return {
    point: pointOf(curve, publicKey),
    agree: (peerPoint) => diffieHellman({ privateKey, publicKey: publicKeyOf(curve, peerPoint) }),
  }
}

function pointOf(curve: Curve, key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  if (curve === CURVE.x25519) return Buffer.from(x, 'base64url')
  return Buffer.concat([Buffer.of(UNCOMPRESSED), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
}

function publicKeyOf(curve: Curve, point: Buffer): KeyObject {
  if (curve === CURVE.x25519) {
    if (point.length !== X25519_POINT_BYTES) throw new RangeError('not a point of X25519')
    return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: point.toString('base64url') } })
  }
  if (point.length !== 1 + 2 * P256_COORDINATE_BYTES || point[0] !== UNCOMPRESSED) {
    throw new RangeError('not an uncompressed point of P-256')
  }
  const x = point.toString('base64url', 1, 1 + P256_COORDINATE_BYTES)
  const y = point.toString('base64url', 1 + P256_COORDINATE_BYTES)
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } })
}
