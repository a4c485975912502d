import { describe, expect, it } from 'vitest'
import { parseOpusPacket, SILENCE_STEP_SAMPLES, silencePackets } from './toc.ts'

const toc = (config: number, code: number, stereo = false): number => (config << 3) | (stereo ? 4 : 0) | code
const packet = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)
const zeros = (count: number): number[] => new Array(count).fill(0)

describe('parseOpusPacket', () => {
  it.each([
    [0, 480],
    [1, 960],
    [2, 1920],
    [3, 2880],
    [11, 2880],
    [12, 480],
    [13, 960],
    [14, 480],
    [15, 960],
    [16, 120],
    [17, 240],
    [18, 480],
    [19, 960],
    [28, 120],
    [31, 960],
  ])('knows the frame duration of configuration %i: %i samples (RFC 6716 table 2)', (config, samples) => {
    expect(parseOpusPacket(packet(toc(config, 0), 1))?.packetSamples).toBe(samples)
  })

  it('counts frames by all four codes', () => {
    expect(parseOpusPacket(packet(toc(31, 0), 1, 2, 3))).toMatchObject({ frameCount: 1, packetSamples: 960 })
    expect(parseOpusPacket(packet(toc(31, 1), 1, 2))).toMatchObject({ frameCount: 2, packetSamples: 1920 })
    expect(parseOpusPacket(packet(toc(31, 2), 1, 9, 8, 8))).toMatchObject({ frameCount: 2 })
    expect(parseOpusPacket(packet(toc(31, 3), 3, 1, 2, 3))).toMatchObject({ frameCount: 3, packetSamples: 2880 })
    expect(parseOpusPacket(packet(toc(31, 3), 0x83, 1, 2, 7, 8, 8, 9, 9, 9))).toMatchObject({ frameCount: 3 })
  })

  it('tells stereo from mono', () => {
    expect(parseOpusPacket(packet(toc(31, 0, true), 1))?.isStereo).toBe(true)
    expect(parseOpusPacket(packet(toc(31, 0), 1))?.isStereo).toBe(false)
  })

  it('takes padding off before it counts (RFC 6716 §3.2.5)', () => {
    expect(parseOpusPacket(packet(toc(31, 3), 0x42, 3, 1, 2, 0, 0, 0))).toMatchObject({ frameCount: 2 })
    expect(parseOpusPacket(packet(toc(31, 3), 0x41, 255, 1, ...zeros(256)))).toMatchObject({ frameCount: 1 })
  })

  it('takes a frame of no bytes (DTX)', () => {
    expect(parseOpusPacket(packet(toc(1, 0)))?.packetSamples).toBe(960)
  })

  it.each([
    ['no byte at all', packet()],
    ['two equal frames of an odd length', packet(toc(31, 1), 1, 2, 3)],
    ['a frame longer than the packet', packet(toc(31, 2), 9, 1)],
    ['code 3 without its count', packet(toc(31, 3))],
    ['code 3 with no frames', packet(toc(31, 3), 0)],
    ['more than 120 ms', packet(toc(31, 3), 7, ...zeros(7))],
    ['padding beyond the end', packet(toc(31, 3), 0x41, 9, 1)],
    ['padding that never ends', packet(toc(31, 3), 0x41, 255, 255)],
    ['constant frames that do not divide', packet(toc(31, 3), 2, 1, 2, 3)],
    ['variable lengths that run out', packet(toc(31, 3), 0x83, 200, 1)],
    ['a frame above 1275 bytes', packet(toc(31, 0), ...zeros(1276))],
  ])('refuses %s', (_what, bytes) => {
    expect(parseOpusPacket(bytes)).toBeNull()
  })
})

describe('silence', () => {
  it('is one CELT fullband frame where 20 ms are asked for', () => {
    expect([...silencePackets(960)].map(({ packet: bytes }) => [...bytes])).toEqual([[0xf8, 0xff, 0xfe]])
  })

  it.each([120, 240, 360, 840, 960, 5_760, 48_000, 5_760 * 3 + 960 + 480 + 240 + 120])(
    'lasts exactly %i',
    (samples) => {
      const packets = [...silencePackets(samples)]
      expect(packets.reduce((sum, silence) => sum + silence.samples, 0)).toBe(samples)
      for (const { packet: bytes, samples: length } of packets)
        expect(parseOpusPacket(bytes)?.packetSamples).toBe(length)
    },
  )

  it('gives what is shorter than a step up', () => {
    expect([...silencePackets(SILENCE_STEP_SAMPLES - 1)]).toEqual([])
  })
})
