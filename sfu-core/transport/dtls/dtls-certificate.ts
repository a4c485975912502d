import { generateKeyPair, type KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import { writeSelfSigned } from './self-signed.ts'

/** Made and read once, used by all handshakes. */
export interface DtlsCertificate {
  der: Buffer
  privateKey: KeyObject
  /** SHA-256, upper-case hex pairs with colons. */
  fingerprint: string
  certPem: string
  keyPem: string
}

const DAY_MS = 24 * 60 * 60 * 1_000
/** Nobody checks it (RFC 8827 §6.5 has the fingerprint do that), but a node may run for years. */
const VALID_DAYS = 3_650

/** ECDSA on P-256 with SHA-256: what every browser takes. Made anew at each start of the node. */
export async function createDtlsCertificate(nowMs = Date.now()): Promise<DtlsCertificate> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'prime256v1' })
  const der = writeSelfSigned({
    privateKey,
    publicKey,
    commonName: 'WebRTC',
    serial: randomBytes(8),
    // Clocks differ.
    validFromMs: nowMs - DAY_MS,
    validUntilMs: nowMs + VALID_DAYS * DAY_MS,
  })
  const certificate = new X509Certificate(der)
  return {
    der,
    privateKey,
    fingerprint: certificate.fingerprint256,
    certPem: certificate.toString(),
    keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}
