import { describe, expect, it } from 'vitest'
import { isRtcp, isRtpOrRtcp, parseRtpHeader, payloadOf, readAudioLevel, writeDownlinkHeader } from './rtp.ts'

/** Version 2, payload type 111, sequence 1, timestamp 2, SSRC 3. */
function packet(options: {
  first?: number
  extension?: number[]
  profile?: number
  csrcs?: number
  payload?: number[]
}) {
  const { extension, profile = 0xbede, csrcs = 0, payload = [9, 9] } = options
  const first = (options.first ?? 0x80) | (extension ? 0x10 : 0) | csrcs
  const words = (extension?.length ?? 0) / 4
  return Buffer.from([
    ...[first, 111, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3],
    ...new Array(csrcs * 4).fill(5),
    ...(extension ? [profile >> 8, profile & 0xff, 0, words, ...extension] : []),
    ...payload,
  ])
}

function levelOf(bytes: Buffer, id: number): number | null {
  const header = parseRtpHeader(bytes)
  return header && readAudioLevel(bytes, header, id)
}

describe('RTP', () => {
  it('reads a header with CSRCs and extension', () => {
    const bytes = packet({ csrcs: 2, extension: [0x10, 0xa5, 0, 0] })
    const header = parseRtpHeader(bytes)
    expect(header).toMatchObject({ payloadType: 111, sequenceNumber: 1, timestamp: 2, ssrc: 3, headerBytes: 28 })
    expect(header && payloadOf(bytes, header)).toEqual(Buffer.from([9, 9]))
  })

  it('reads the level in both forms, wherever it stands, without the voice bit', () => {
    expect(levelOf(packet({ extension: [0x10, 0xa5, 0, 0] }), 1)).toBe(0x25)
    expect(levelOf(packet({ extension: [0x22, 1, 2, 3, 0, 0x10, 0x7f, 0] }), 1)).toBe(127)
    expect(levelOf(packet({ profile: 0x1000, extension: [2, 2, 7, 7, 0, 1, 1, 0x85] }), 1)).toBe(5)
    expect(levelOf(packet({ extension: [0x10, 0xa5, 0, 0] }), 2)).toBeNull()
    expect(levelOf(packet({}), 1)).toBeNull()
    expect(levelOf(packet({ profile: 0x1234, extension: [0x10, 0xa5, 0, 0] }), 1)).toBeNull()
  })

  it('stops at id 15 and at elements that run over the end', () => {
    expect(levelOf(packet({ extension: [0xf0, 0, 0x10, 1] }), 1)).toBeNull()
    expect(levelOf(packet({ extension: [0x2f, 0, 0, 0] }), 1)).toBeNull()
    expect(levelOf(packet({ profile: 0x1000, extension: [0, 0, 0, 1] }), 1)).toBeNull()
  })

  it('takes padding off, and refuses impossible padding', () => {
    const padded = packet({ first: 0xa0, payload: [7, 0, 0, 3] })
    const header = parseRtpHeader(padded)
    expect(header && payloadOf(padded, header)).toEqual(Buffer.from([7]))
    const wrong = packet({ first: 0xa0, payload: [7, 200] })
    const wrongHeader = parseRtpHeader(wrong)
    expect(wrongHeader && payloadOf(wrong, wrongHeader)).toBeNull()
  })

  it('refuses what is cut short or of another version', () => {
    const whole = packet({ csrcs: 1, extension: [0x10, 1, 0, 0], payload: [] })
    for (let length = 0; length < whole.length; length++) expect(parseRtpHeader(whole.subarray(0, length))).toBeNull()
    expect(parseRtpHeader(Buffer.alloc(12, 0x40))).toBeNull()
  })

  it('tells RTCP from RTP', () => {
    expect(isRtpOrRtcp(Buffer.from([128, 200, 0, 1, 0, 0, 0, 0]))).toBe(true)
    expect(isRtcp(Buffer.from([128, 200]))).toBe(true)
    expect(isRtcp(Buffer.from([128, 0x80 | 111]))).toBe(false)
    expect(isRtpOrRtcp(Buffer.from([22, 0, 0, 0, 0, 0, 0, 0]))).toBe(false)
  })

  it('writes a downlink header with one CSRC and no extension', () => {
    const bytes = Buffer.alloc(16)
    const header = {
      payloadType: 109,
      marker: true,
      sequenceNumber: 65_535,
      timestamp: 2 ** 32 - 1,
      ssrc: 77,
      csrc: 12,
    }
    writeDownlinkHeader(bytes, header)
    expect(bytes.toString('hex')).toBe('81edffffffffffff0000004d0000000c')
  })
})
