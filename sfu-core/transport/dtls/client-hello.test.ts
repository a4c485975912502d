import { describe, expect, it } from 'vitest'
import { SRTP_PROFILE } from '../srtp/profile.ts'
import { uint, vector } from './byte-reader.ts'
import { agree, EXTENSION } from './client-hello.ts'
import { CURVE } from './key-exchange.ts'

const OURS = [SRTP_PROFILE.aeadAes128Gcm, SRTP_PROFILE.aesCm128HmacSha1With80]
const DTLS_1_3 = 0xfefc
const RANDOM = Buffer.alloc(32, 7)

interface Hello {
  version?: number
  suites?: number[]
  compression?: number[]
  /** As hex, by type; null leaves one out. */
  extensions?: Record<number, string | null>
}

const EXTENSIONS: Record<number, string | null> = {
  [EXTENSION.supportedGroups]: '0006001d00170018',
  [EXTENSION.signatureAlgorithms]: '000404010403',
  [EXTENSION.useSrtp]: '00040001000700',
}

function hello({ version = 0xfefd, suites = [0xc02b], compression = [0], extensions = {} }: Hello = {}): Buffer {
  const written = Object.entries({ ...EXTENSIONS, ...extensions }).flatMap(([type, hex]) =>
    hex === null ? [] : [Buffer.concat([uint(Number(type), 2), vector(2, Buffer.from(hex, 'hex'))])],
  )
  const lists = [vector(2, ...suites.map((suite) => uint(suite, 2))), vector(1, Buffer.from(compression))]
  return Buffer.concat([uint(version, 2), RANDOM, vector(1), vector(1), ...lists, vector(2, ...written)])
}

describe('agree', () => {
  it('prefers X25519 and our first SRTP profile', () => {
    expect(agree(hello(), OURS)).toEqual({
      clientRandom: RANDOM,
      curve: CURVE.x25519,
      srtpProfile: SRTP_PROFILE.aeadAes128Gcm,
      extendedMasterSecret: false,
      secureRenegotiation: false,
      pointFormats: false,
    })
    expect(agree(hello(), [...OURS].reverse()).srtpProfile).toBe(SRTP_PROFILE.aesCm128HmacSha1With80)
  })

  it('takes P-256 from who has nothing better, or does not say', () => {
    const only = { [EXTENSION.supportedGroups]: '00020017' }
    expect(agree(hello({ extensions: only }), OURS).curve).toBe(CURVE.p256)
    expect(agree(hello({ extensions: { [EXTENSION.supportedGroups]: null } }), OURS).curve).toBe(CURVE.p256)
  })

  it('answers what was asked', () => {
    const asked = {
      [EXTENSION.extendedMasterSecret]: '',
      [EXTENSION.renegotiationInfo]: '00',
      [EXTENSION.pointFormats]: '0100',
    }
    const answered = { extendedMasterSecret: true, secureRenegotiation: true, pointFormats: true }
    expect(agree(hello({ extensions: asked }), OURS)).toMatchObject(answered)
    expect(agree(hello({ suites: [0xc02b, 0x00ff] }), OURS)).toMatchObject({ secureRenegotiation: true })
  })

  it('takes a client of DTLS 1.3 that still knows 1.2', () => {
    const versions = `04${DTLS_1_3.toString(16)}fefd`
    expect(agree(hello({ extensions: { [EXTENSION.supportedVersions]: versions } }), OURS).curve).toBe(CURVE.x25519)
  })

  const refused: [string, Hello, string][] = [
    ['DTLS 1.0', { version: 0xfeff }, 'the peer does not speak DTLS 1.2'],
    ['TLS', { version: 0x0303 }, 'the peer does not speak DTLS 1.2'],
    ['only 1.3', { extensions: { [EXTENSION.supportedVersions]: '02fefc' } }, 'the peer does not speak DTLS 1.2'],
    ['only RSA suites', { suites: [0xc02f] }, 'the peer offers no cipher suite of ours'],
    ['only compression', { compression: [1] }, 'the peer offers no compression method of ours'],
    ['SHA-1 signatures', { extensions: { 13: '00020203' } }, 'the peer offers no signature algorithm of ours'],
    ['unsaid signatures', { extensions: { 13: null } }, 'the peer offers no signature algorithm of ours'],
    ['other curves', { extensions: { 10: '00020018' } }, 'the peer offers no curve of ours'],
    ["no curve of the certificate's", { extensions: { 10: '0002001d' } }, 'the peer offers no curve of ours'],
    ['no SRTP', { extensions: { 14: null } }, 'the peer offers no SRTP profile of ours'],
    ['other SRTP', { extensions: { 14: '0002000800' } }, 'the peer offers no SRTP profile of ours'],
    [
      'a renegotiation',
      { extensions: { 65281: '0c000102030405060708090a0b' } },
      'the peer renegotiates what it never negotiated',
    ],
  ]
  it.each(refused)('refuses %s', (_, parts, why) => {
    expect(() => agree(hello(parts), OURS)).toThrow(why)
  })

  it('refuses each of its beginnings, and an extension that comes twice', () => {
    const whole = hello()
    for (let length = 0; length < whole.length; length++) {
      expect(() => agree(whole.subarray(0, length), OURS)).toThrow()
    }
    const extension = Buffer.from('00170000', 'hex')
    const twice = Buffer.concat([whole.subarray(0, 42), vector(2, extension, extension)])
    expect(() => agree(twice, OURS)).toThrow('an extension came twice')
  })
})
