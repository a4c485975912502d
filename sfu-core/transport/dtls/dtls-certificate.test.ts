import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createDtlsCertificate } from './dtls-certificate.ts'

describe('createDtlsCertificate', () => {
  it('is an X.509 certificate of its key, signed with it, valid for years', async () => {
    const nowMs = Date.UTC(2026, 10, 20)
    const { der, privateKey, fingerprint, certPem } = await createDtlsCertificate(nowMs)
    const certificate = new X509Certificate(der)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.checkPrivateKey(privateKey)).toBe(true)
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    expect([certificate.subject, certificate.issuer]).toEqual(['CN=WebRTC', 'CN=WebRTC'])
    expect([certificate.validFromDate, certificate.validToDate]).toEqual([
      new Date(Date.UTC(2026, 10, 19)),
      new Date(nowMs + 3_650 * 86_400_000),
    ])
    expect(fingerprint).toBe(certificate.fingerprint256)
    expect(new X509Certificate(certPem).raw).toEqual(der)
  })

  it('is another each time', async () => {
    const [one, other] = [await createDtlsCertificate(), await createDtlsCertificate()]
    expect(one.fingerprint).not.toBe(other.fingerprint)
    expect(new X509Certificate(one.der).serialNumber).not.toBe(new X509Certificate(other.der).serialNumber)
  })
})
