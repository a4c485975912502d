import { describe, expect, it } from 'vitest'
import {
  bindingError,
  bindingSuccess,
  checkRequest,
  integrityMatches,
  isStun,
  parseStun,
  plainBindingRequest,
  plainBindingSuccess,
  STUN_BINDING_REQUEST,
  STUN_BINDING_SUCCESS,
} from './stun.ts'
import { stunKey } from './stun-integrity.ts'

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex')

/** RFC 5769 §2.1: sample request with short-term credentials. */
const SAMPLE_REQUEST = hex(`
  00 01 00 58 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
  80 22 00 10 53 54 55 4e 20 74 65 73 74 20 63 6c 69 65 6e 74
  00 24 00 04 6e 00 01 ff
  80 29 00 08 93 2f f9 b1 51 26 3b 36
  00 06 00 09 65 76 74 6a 3a 68 36 76 59 20 20 20
  00 08 00 14 9a ea a7 0c bf d8 cb 56 78 1e f2 b5 b2 d3 f2 49 c1 b5 71 a2
  80 28 00 04 e5 7a 3b cf`)
const SAMPLE_KEY = stunKey('VOkJxbRl1RmTxUk/WvJxBt')

/** RFC 5769 §2.2 and §2.3: sample responses. */
const SAMPLE_IPV4_RESPONSE = hex(`
  01 01 00 3c 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
  80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20
  00 20 00 08 00 01 a1 47 e1 12 a6 43
  00 08 00 14 2b 91 f5 99 fd 9e 90 c3 8c 74 89 f9 2a f9 ba 53 f0 6b e7 d7
  80 28 00 04 c0 7d 4c 96`)
const SAMPLE_IPV6_RESPONSE = hex(`
  01 01 00 48 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
  80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20
  00 20 00 14 00 02 a1 47 01 13 a9 fa a5 d3 f1 79 bc 25 f4 b5 be d2 b9 d9
  00 08 00 14 a3 82 95 4e 4b e6 7b f1 17 84 c9 7c 82 92 c2 75 bf e3 ed 41
  80 28 00 04 c8 fb 0b 4c`)

const KEY = stunKey('pw')
const TRANSACTION_ID = hex('b7e7a701bc34d686fa87dfae')

describe('STUN', () => {
  it('reads the RFC 5769 request and its integrity', () => {
    const message = parseStun(SAMPLE_REQUEST)
    expect(message).toMatchObject({ type: STUN_BINDING_REQUEST, username: 'evtj:h6vY', iceControlled: true })
    expect(message && integrityMatches(message, SAMPLE_KEY)).toBe(true)
    expect(message && integrityMatches(message, stunKey('VOkJxbRl1RmTxUk/WvJxBx'))).toBe(false)
  })

  it('reads the RFC 5769 responses', () => {
    expect(parseStun(SAMPLE_IPV4_RESPONSE)?.mappedAddress).toEqual({ address: '192.0.2.1', port: 32853 })
    const ipv6 = parseStun(SAMPLE_IPV6_RESPONSE)
    expect(ipv6?.mappedAddress).toEqual({ address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 })
    expect(ipv6 && integrityMatches(ipv6, SAMPLE_KEY)).toBe(true)
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8:0:0:0:0:0:1'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['::ffff:192.0.2.1', '0:0:0:0:0:ffff:c000:201'],
  ])('answers a check from %s', (address, readBack) => {
    const answer = parseStun(bindingSuccess({ transactionId: TRANSACTION_ID, key: KEY }, { address, port: 5_000 }))
    expect(answer).toMatchObject({ type: STUN_BINDING_SUCCESS, mappedAddress: { address: readBack, port: 5_000 } })
    expect(answer?.transactionId.equals(TRANSACTION_ID)).toBe(true)
    expect(answer && integrityMatches(answer, KEY)).toBe(true)
  })

  it('makes errors, consent requests and plain requests that it can read itself', () => {
    const reply = { transactionId: TRANSACTION_ID, key: KEY }
    expect(parseStun(bindingError(reply, 487, 'Role Conflict'))?.type).toBe(0x0111)
    const consent = parseStun(
      checkRequest({ ...reply, username: Buffer.from('theirs:ours'), tieBreaker: Buffer.alloc(8, 7) }),
    )
    expect(consent).toMatchObject({ username: 'theirs:ours', iceControlled: true, useCandidate: false })
    expect(consent && integrityMatches(consent, KEY)).toBe(true)
    expect(parseStun(plainBindingRequest(TRANSACTION_ID))?.integrityOffset).toBeNull()
    const mapped = { address: '192.0.2.7', port: 61_000 }
    const plain = parseStun(plainBindingSuccess(TRANSACTION_ID, mapped))
    expect(plain).toMatchObject({ type: STUN_BINDING_SUCCESS, mappedAddress: mapped, integrityOffset: null })
  })

  it('refuses every truncation and every single wrong bit without a throw', () => {
    for (let length = 0; length < SAMPLE_REQUEST.length; length++) {
      expect(parseStun(SAMPLE_REQUEST.subarray(0, length))).toBeNull()
    }
    // The type and length of the fingerprint behind it are not covered by the integrity (RFC 8489 §14.5).
    const coveredBytes = SAMPLE_REQUEST.length - 8
    for (let bit = 0; bit < coveredBytes * 8; bit++) {
      const altered = Buffer.from(SAMPLE_REQUEST)
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const message = parseStun(altered)
      expect(message !== null && integrityMatches(message, SAMPLE_KEY)).toBe(false)
    }
  })

  it('leaves a message as it was when its integrity is checked', () => {
    const before = Buffer.from(SAMPLE_REQUEST)
    const message = parseStun(SAMPLE_REQUEST)
    expect(message && integrityMatches(message, SAMPLE_KEY)).toBe(true)
    expect(SAMPLE_REQUEST.equals(before)).toBe(true)
  })

  it('tells STUN from what else comes', () => {
    expect(isStun(SAMPLE_REQUEST)).toBe(true)
    expect(isStun(Buffer.alloc(0))).toBe(false)
    expect(isStun(Buffer.alloc(40, 0x80))).toBe(false)
  })
})
