import { describe, expect, it } from 'vitest'
import { SDP_MAX_BYTES } from '../../contract/limits.ts'
import { Refusal } from '../../contract/reasons.ts'
import { parseOffer } from './offer.ts'
import { CHROMIUM_NACK_OFFER, CHROMIUM_OFFER, FIREFOX_OFFER } from './offers.fixture.ts'

function refusalOf(sdp: string): string {
  try {
    parseOffer(sdp)
    return 'accepted'
  } catch (error) {
    return error instanceof Refusal ? error.code : `threw ${String(error)}`
  }
}

describe('parseOffer', () => {
  it('reads what Chromium offers', () => {
    const offer = parseOffer(CHROMIUM_OFFER)
    expect(offer).toMatchObject({ iceUfrag: 'tKE8', icePwd: 'SHrJPdIr57VbZCB9xn+hyEGj' })
    expect(offer.fingerprints).toMatchObject([{ algorithm: 'sha-256' }])
    const common = { opusPayloadType: 111, redPayloadType: 63, nack: false, levelExtensionId: 1 }
    expect(offer.sections).toEqual([
      { ...common, mid: '0', direction: 'sendrecv' },
      ...['1', '2', '3', '4', '5'].map((mid) => ({ ...common, mid, direction: 'recvonly' })),
    ])
  })

  it('reads what Firefox offers: parameters of the session, bundle-only sections, neither RED nor NACK', () => {
    const offer = parseOffer(FIREFOX_OFFER)
    expect(offer.sections).toHaveLength(6)
    for (const section of offer.sections) {
      expect(section).toMatchObject({ opusPayloadType: 109, redPayloadType: null, nack: false })
    }
    expect(offer.fingerprints[0]?.value).toMatch(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/)
  })

  it.each([
    ['for Opus', 'a=rtcp-fb:111 nack', true],
    ['for every codec', 'a=rtcp-fb:* nack', true],
    ['of pictures', 'a=rtcp-fb:111 nack pli', false],
    ['for another codec', 'a=rtcp-fb:9 nack', false],
  ])('reads NACK %s', (_what, line, expected) => {
    const { sections } = parseOffer(CHROMIUM_NACK_OFFER.replaceAll('a=rtcp-fb:111 nack', line))
    expect(sections.map(({ nack }) => nack)).toEqual(Array(6).fill(expected))
  })

  it.each([
    ['two redundant blocks', 'a=fmtp:63 111/111/111', 63],
    ['blocks of another codec', 'a=fmtp:63 111/9', null],
    ['nothing said of the blocks', 'a=x:y', null],
    ['a payload type that is not in the format list', 'a=fmtp:64 111/111', null],
  ])('reads RED with %s', (_what, line, expected) => {
    const { sections } = parseOffer(CHROMIUM_OFFER.replaceAll('a=fmtp:63 111/111', line))
    expect(sections.map(({ redPayloadType }) => redPayloadType)).toEqual(Array(6).fill(expected))
  })

  it('does not mind an offer that ends its lines by LF only', () => {
    expect(refusalOf(CHROMIUM_OFFER.replaceAll('\r\n', '\n'))).toBe('accepted')
  })

  it('never reads candidates: neither names nor nonsense in them do anything', () => {
    const line = 'a=candidate:1 1 udp 1 8d4e1c2a-0000-4000-8000-000000000000.local 9 typ host\r\n'
    expect(refusalOf(CHROMIUM_OFFER + line)).toBe('accepted')
    expect(refusalOf(`${CHROMIUM_OFFER}a=candidate:\u00e9\u00e9\r\n`)).toBe('accepted')
  })

  it.each([
    ['nothing', ''],
    ['something else', 'hello'],
    ['JSON', '{"type":"offer"}'],
    ['too much', `${CHROMIUM_OFFER}${'a=x:y\r\n'.repeat(SDP_MAX_BYTES / 7)}`],
    ['too many lines', `${CHROMIUM_OFFER}${'a=\n'.repeat(2_001)}`],
    ['a line that is not SDP', CHROMIUM_OFFER.replace('t=0 0', 'A NULL: \0')],
    ['no ufrag', CHROMIUM_OFFER.replaceAll(/a=ice-ufrag:.*\r\n/g, '')],
    ['a ufrag with spaces', CHROMIUM_OFFER.replaceAll('tKE8', 't KE 8')],
    ['a short password', CHROMIUM_OFFER.replaceAll('SHrJPdIr57VbZCB9xn+hyEGj', 'short')],
    ['no fingerprint', CHROMIUM_OFFER.replaceAll(/a=fingerprint:.*\r\n/g, '')],
    ['a fingerprint by SHA-1', CHROMIUM_OFFER.replaceAll('a=fingerprint:sha-256', 'a=fingerprint:sha-1')],
    ['a fingerprint cut short', CHROMIUM_OFFER.replaceAll(/(a=fingerprint:sha-256 B0):.*\r\n/g, '$1\r\n')],
    ['a mid with markup', CHROMIUM_OFFER.replace('a=mid:1', 'a=mid:<b>')],
    ['two sections of one mid', CHROMIUM_OFFER.replace('a=mid:2', 'a=mid:1')],
  ])('refuses %s as malformed', (_what, sdp) => {
    expect(refusalOf(sdp)).toBe('offer-malformed')
  })

  it.each([
    ['one section too few', CHROMIUM_OFFER.slice(0, CHROMIUM_OFFER.lastIndexOf('m=audio'))],
    ['one section too many', CHROMIUM_OFFER + CHROMIUM_OFFER.slice(CHROMIUM_OFFER.lastIndexOf('m=audio'))],
    ['video', CHROMIUM_OFFER.replace('m=audio', 'm=video')],
    ['no Opus', CHROMIUM_OFFER.replaceAll('opus/48000/2', 'opuz/48000/2')],
    ['Opus that is not in the format list', CHROMIUM_OFFER.replaceAll('SAVPF 111 63', 'SAVPF')],
    ['the microphone in the wrong place', CHROMIUM_OFFER.replace('a=sendrecv', 'a=recvonly')],
    ['a second microphone', CHROMIUM_OFFER.replace('a=recvonly', 'a=sendrecv')],
    ['no BUNDLE', CHROMIUM_OFFER.replace('a=group:BUNDLE 0 1 2 3 4 5', 'a=group:BUNDLE 0 1 2 3 4')],
    ['no rtcp-mux', CHROMIUM_OFFER.replaceAll('a=rtcp-mux\r\n', '')],
    ['no DTLS', CHROMIUM_OFFER.replaceAll('UDP/TLS/RTP/SAVPF', 'RTP/AVP')],
    ["the DTLS server's part", CHROMIUM_OFFER.replaceAll('a=setup:actpass', 'a=setup:passive')],
  ])('refuses %s as unsupported', (_what, sdp) => {
    expect(refusalOf(sdp)).toBe('offer-unsupported')
  })

  it('accepts or refuses, and never throws anything else, whatever is cut out or put in', () => {
    const outcomes = new Set<string>()
    const lines = CHROMIUM_OFFER.split('\r\n')
    for (let i = 0; i < lines.length; i++) {
      for (const put of [[], [lines[i] ?? '', lines[i] ?? ''], ['a=mid:'], ['m='], ['a=rtpmap:'], ['a=extmap:x']]) {
        outcomes.add(refusalOf(lines.toSpliced(i, 1, ...put).join('\r\n')))
      }
    }
    expect([...outcomes].sort()).toEqual(['accepted', 'offer-malformed', 'offer-unsupported'])
  })
})
