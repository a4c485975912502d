import { describe, expect, it } from 'vitest'
import { SECTION_COUNT } from '../../../sfu-core/contract/media.ts'
import { engineOffer, listeningAnswer, readRemoteEnd, simpleOffer } from './sdp.ts'

const OWN = { ufrag: 'abcd', pwd: '0123456789abcdef01234567', fingerprint: 'AA:BB', ssrc: 7 }

describe('offers', () => {
  it('has the sections of contract/media.ts, the first of which sends', () => {
    const offer = engineOffer(OWN)
    expect(offer.match(/^m=audio /gm)).toHaveLength(SECTION_COUNT)
    expect(offer.match(/^a=sendrecv/gm)).toHaveLength(1)
    expect(offer.match(/^a=recvonly/gm)).toHaveLength(SECTION_COUNT - 1)
    expect(offer).toContain(`a=group:BUNDLE ${[...Array(SECTION_COUNT).keys()].join(' ')}\r\n`)
  })

  it('makes the load generator the DTLS client, which is all it can be', () => {
    expect(simpleOffer(OWN, 'sendonly')).toContain('a=setup:active')
  })

  it('answers each section of an offer under its own mid', () => {
    const answer = listeningAnswer('v=0\r\nm=audio 9\r\na=mid:a1\r\nm=audio 9\r\na=mid:a2\r\n', OWN)
    expect(answer.match(/^a=mid:\S+/gm)).toEqual(['a=mid:a1', 'a=mid:a2'])
    expect(answer.match(/^a=recvonly/gm)).toHaveLength(2)
  })
})

describe('readRemoteEnd', () => {
  const sdp = [
    'v=0',
    'a=fingerprint:sha-256 AB:CD',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'a=ice-ufrag:user',
    'a=ice-pwd:secret',
    'a=candidate:1 1 udp 1 fd00::1 5000 typ host',
    'a=candidate:2 1 udp 1 192.0.2.1 5001 typ srflx raddr 10.0.0.1 rport 1',
    'a=candidate:3 1 UDP 1 127.0.0.1 5002 typ host',
    '',
  ]

  it('takes the first IPv4 host candidate', () => {
    expect(readRemoteEnd(sdp.join('\r\n'))).toEqual({
      ufrag: 'user',
      pwd: 'secret',
      fingerprintHex: 'ABCD',
      host: '127.0.0.1',
      port: 5002,
    })
  })

  it('says what is missing', () => {
    expect(() => readRemoteEnd('v=0\r\n')).toThrow('no IPv4 host candidate')
    expect(() => readRemoteEnd(sdp.filter((line) => !line.includes('pwd')).join('\r\n'))).toThrow('ice-pwd')
  })
})
