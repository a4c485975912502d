import { describe, expect, it } from 'vitest'
import { withRetransmissions } from './retransmissions.ts'

const section = (...more: string[]) =>
  `${['m=audio 9 UDP/TLS/RTP/SAVPF 111 63', 'a=rtpmap:111 opus/48000/2', ...more, 'a=rtpmap:63 red/48000/2'].join('\r\n')}\r\n`

describe('withRetransmissions', () => {
  it('offers them for Opus in every section, and for nothing else', () => {
    const sdp = withRetransmissions(section() + section())
    expect(sdp).toBe(section('a=rtcp-fb:111 nack') + section('a=rtcp-fb:111 nack'))
  })

  it('leaves a section alone that has them', () => {
    const had = section('a=rtcp-fb:111 nack')
    expect(withRetransmissions(had + section())).toBe(had + had)
  })

  it('does not take feedback on pictures for it', () => {
    expect(withRetransmissions(section('a=rtcp-fb:111 nack pli'))).toContain('a=rtcp-fb:111 nack\r\n')
  })

  it('leaves an offer without Opus alone', () => {
    const sdp = 'm=audio 9 UDP/TLS/RTP/SAVPF 9\r\na=rtpmap:9 G722/8000\r\n'
    expect(withRetransmissions(sdp)).toBe(sdp)
  })
})
