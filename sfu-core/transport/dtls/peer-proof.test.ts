import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Fingerprint } from '../sdp/offer.ts'
import { uint, vector } from './byte-reader.ts'
import { SIGNATURE_SCHEME } from './client-hello.ts'
import { keyOfCertificate, provesPossession } from './peer-proof.ts'
import { writeSelfSigned } from './self-signed.ts'

interface Keys {
  privateKey: KeyObject
  publicKey: KeyObject
}

const TRANSCRIPT = Buffer.from('all messages so far')

function certificateOf(keys: Keys): Buffer {
  const validity = { validFromMs: 0, validUntilMs: 86_400_000 }
  return writeSelfSigned({ ...keys, ...validity, commonName: 'x', serial: randomBytes(8) })
}

function fingerprintOf(der: Buffer, algorithm: Fingerprint['algorithm'] = 'sha-256'): Fingerprint {
  const digest = createHash(algorithm.replace('-', '')).update(der).digest('hex').toUpperCase()
  return { algorithm, value: (digest.match(/../g) ?? []).join(':') }
}

function message(...certificates: Buffer[]): Buffer {
  return vector(3, ...certificates.map((der) => vector(3, der)))
}

const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const der = certificateOf(p256)

describe('keyOfCertificate', () => {
  it.each(['sha-256', 'sha-384', 'sha-512'] as const)(
    "gives the key of the offer's certificate, by %s",
    (algorithm) => {
      const wanted = [fingerprintOf(certificateOf(p256)), fingerprintOf(der, algorithm)]
      expect(keyOfCertificate(message(der, certificateOf(p256)), wanted)?.equals(p256.publicKey)).toBe(true)
      expect(fingerprintOf(der).value).toBe(new X509Certificate(der).fingerprint256)
    },
  )

  it("takes no other certificate, and not the offer's behind another", () => {
    const wanted = [fingerprintOf(der)]
    expect(keyOfCertificate(message(certificateOf(p256)), wanted)).toBeNull()
    expect(keyOfCertificate(message(certificateOf(p256), der), wanted)).toBeNull()
    expect(keyOfCertificate(message(), wanted)).toBeNull()
    expect(keyOfCertificate(message(der), [])).toBeNull()
  })

  const costly: [string, Keys][] = [
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'secp384r1' })],
    ['a great exponent', generateKeyPairSync('rsa', { modulusLength: 2_048, publicExponent: 0x10003 })],
  ]
  it.each(costly)('takes no key that is costly to check: %s', (_, keys) => {
    const certificate = certificateOf(keys)
    expect(keyOfCertificate(message(certificate), [fingerprintOf(certificate)])).toBeNull()
  })
})

describe('provesPossession', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const verifyMessage = (scheme: number, signature: Buffer) => Buffer.concat([uint(scheme, 2), vector(2, signature)])
  const { ecdsaSha256, rsaPkcs1Sha256 } = SIGNATURE_SCHEME

  it('holds for the transcript, signed with the key, as it was asked for', () => {
    const byEcdsa = verifyMessage(ecdsaSha256, sign('sha256', TRANSCRIPT, p256.privateKey))
    const byRsa = verifyMessage(rsaPkcs1Sha256, sign('sha256', TRANSCRIPT, rsa.privateKey))
    expect(provesPossession(byEcdsa, p256.publicKey, TRANSCRIPT)).toBe(true)
    expect(provesPossession(byRsa, rsa.publicKey, TRANSCRIPT)).toBe(true)
  })

  it('does not hold for another transcript, key, hash or scheme', () => {
    const signature = sign('sha256', TRANSCRIPT, p256.privateKey)
    const proof = verifyMessage(ecdsaSha256, signature)
    const stranger = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
    expect(provesPossession(proof, p256.publicKey, Buffer.from('others'))).toBe(false)
    expect(provesPossession(proof, stranger.publicKey, TRANSCRIPT)).toBe(false)
    expect(provesPossession(verifyMessage(rsaPkcs1Sha256, signature), p256.publicKey, TRANSCRIPT)).toBe(false)
    const bySha1 = verifyMessage(0x0203, sign('sha1', TRANSCRIPT, p256.privateKey))
    expect(provesPossession(bySha1, p256.publicKey, TRANSCRIPT)).toBe(false)
  })
})
