import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeOpus } from './decode.fixture.ts'
import { OpusFrames, splitOpusPacket } from './frames.ts'
import { MERGED_MAX_BYTES, OPUS_MAX_PACKET_BYTES, Repacketizer } from './repacketize.ts'
import { parseOpusPacket } from './toc.ts'

const COUNTS = ['1', '2', '3', '6'] as const

/** Made by make-repacketized.fixture.ts with libopus itself. */
interface Fixture {
  modes: {
    name: string
    channels: 1 | 2
    /** Base64: 12 of 20 ms in a row. */
    packets: string[]
    /** By how many packets are merged into each: SHA-256, base64. */
    mergedSha256: Record<(typeof COUNTS)[number], string[]>
  }[]
}

const fixture: Fixture = JSON.parse(readFileSync(join(import.meta.dirname, 'repacketized.fixture.json'), 'utf8'))
const modes = fixture.modes.map((mode) => ({
  ...mode,
  packets: mode.packets.map((packet) => new Uint8Array(Buffer.from(packet, 'base64'))),
}))

function add(repacketizer: Repacketizer, packet: Uint8Array): boolean {
  const frames = new OpusFrames()
  expect(splitOpusPacket(packet, frames)).toBe(true)
  return repacketizer.add(packet, frames)
}

/** Null where they do not go together. */
function merge(packets: readonly Uint8Array[]): Uint8Array | null {
  const repacketizer = new Repacketizer()
  const areIn = packets.every((packet) => add(repacketizer, packet))
  return areIn ? repacketizer.write().slice() : null
}

/** The frames of packets, without what is around them. */
function framesOf(packets: readonly Uint8Array[]): string[] {
  return packets.flatMap((packet) => {
    const frames = new OpusFrames()
    expect(splitOpusPacket(packet, frames)).toBe(true)
    return Array.from({ length: frames.count }, (_, i) => {
      const offset = frames.offsets[i] ?? 0
      return Buffer.from(packet.subarray(offset, offset + (frames.lengthsBytes[i] ?? 0))).toString('hex')
    })
  })
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.floor(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}

const bytesOf = (packets: readonly Uint8Array[]): number => packets.reduce((sum, { length }) => sum + length, 0)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64')
const toc = (config: number, code = 0): number => (config << 3) | code
const frame20 = (...bytes: number[]): Uint8Array => Uint8Array.of(toc(31), ...bytes)

describe.each(modes)('real packets: $name', ({ channels, packets, mergedSha256 }) => {
  it.each(COUNTS)('are merged to the bytes that libopus makes of %s at a time', (count) => {
    const some = chunks(packets, Number(count))
    const expected = mergedSha256[count].map((hash, i) =>
      bytesOf(some[i] ?? []) < MERGED_MAX_BYTES - 20 ? hash : null,
    )
    const merged = some.map(merge)
    expect(merged.map((packet) => packet && sha256(packet))).toEqual(expected)
  })

  it('hold the same frames once merged', () => {
    for (const some of [...chunks(packets, 2), ...chunks(packets, 3)]) {
      const merged = merge(some)
      if (merged) expect(framesOf([merged])).toEqual(framesOf(some))
    }
  })

  it('are decoded to the same samples once merged', () => {
    const merged = chunks(packets, 3).map(merge)
    const decoded = decodeOpus(packets, channels)
    expect(decoded.length).toBe(packets.length * 960 * channels)
    expect(decoded.some((sample) => Math.abs(sample) > 500)).toBe(true)
    expect(merged).not.toContain(null)
    const again = decodeOpus(
      merged.filter((packet) => packet !== null),
      channels,
    )
    expect(Buffer.from(again.buffer).equals(Buffer.from(decoded.buffer))).toBe(true)
  })
})

describe('Repacketizer', () => {
  it('takes packets of all four codes, and leaves their padding behind', () => {
    const packets = [
      frame20(1, 2),
      Uint8Array.of(toc(31, 1), 3, 3, 4, 4),
      Uint8Array.of(toc(31, 2), 1, 5, 6, 6),
      Uint8Array.of(toc(31, 3), 0x41, 3, 7, 0, 0, 0),
    ]
    const merged = merge(packets)
    expect(merged).toEqual(Uint8Array.of(toc(31, 3), 0x86, 2, 2, 2, 1, 2, 1, 2, 3, 3, 4, 4, 5, 6, 6, 7))
    expect(framesOf([merged ?? frame20()])).toEqual(['0102', '0303', '0404', '05', '0606', '07'])
  })

  it('takes a split of its own making apart again, at any length of a frame', () => {
    for (const lengthBytes of [0, 1, 2, 251, 252, 253, 255, 256, 300, 507, 508]) {
      const packets = [frame20(9), frame20(...new Array(lengthBytes).fill(7)), frame20(...new Array(5).fill(3))]
      expect(framesOf([merge(packets) ?? frame20()])).toEqual(framesOf(packets))
    }
  })

  it('is CBR where all frames are of one length, VBR where not (RFC 6716 §3.2.5)', () => {
    expect(merge([frame20(1), frame20(2), frame20(3)])).toEqual(Uint8Array.of(toc(31, 3), 3, 1, 2, 3))
    expect(merge([frame20(1), frame20(2), frame20(3, 4)])).toEqual(Uint8Array.of(toc(31, 3), 0x83, 1, 1, 1, 2, 3, 4))
  })

  it('refuses another configuration or stereo, and stays as it was', () => {
    const repacketizer = new Repacketizer()
    expect(add(repacketizer, frame20(1))).toBe(true)
    expect(add(repacketizer, Uint8Array.of(toc(30), 2))).toBe(false)
    expect(add(repacketizer, Uint8Array.of(toc(31) | 4, 2))).toBe(false)
    expect(repacketizer.write()).toEqual(frame20(1))
  })

  it('refuses what would last more than 120 ms', () => {
    const repacketizer = new Repacketizer()
    for (let i = 0; i < 6; i++) expect(add(repacketizer, frame20(i))).toBe(true)
    expect(add(repacketizer, frame20(6))).toBe(false)
    expect(repacketizer.samples).toBe(5_760)
  })

  it('holds 48 frames of 2.5 ms, and no more', () => {
    const repacketizer = new Repacketizer()
    for (let i = 0; i < 48; i++) expect(add(repacketizer, Uint8Array.of(toc(28), i))).toBe(true)
    expect(add(repacketizer, Uint8Array.of(toc(28), 48))).toBe(false)
    expect(parseOpusPacket(repacketizer.write())).toMatchObject({ frameCount: 48, packetSamples: 5_760 })
  })

  it('stays below its limit of bytes', () => {
    const repacketizer = new Repacketizer()
    const packet = frame20(...new Array(390).fill(1))
    expect(add(repacketizer, packet)).toBe(true)
    expect(add(repacketizer, packet)).toBe(true)
    expect(add(repacketizer, packet)).toBe(true)
    expect(add(repacketizer, frame20(...new Array(30).fill(1)))).toBe(false)
    expect(repacketizer.write().length).toBeLessThanOrEqual(MERGED_MAX_BYTES)
  })

  it('takes one packet above that limit, for a frame cannot be cut', () => {
    const longest = frame20(...new Array(1_275).fill(1))
    expect(merge([longest])).toEqual(longest)
    const frames = new OpusFrames()
    const tooLong = Uint8Array.of(toc(31, 3), 2, ...new Array(OPUS_MAX_PACKET_BYTES).fill(0))
    expect(splitOpusPacket(tooLong, frames)).toBe(true)
    expect(new Repacketizer().add(tooLong, frames)).toBe(false)
  })

  it('begins anew after clear', () => {
    const repacketizer = new Repacketizer()
    add(repacketizer, frame20(1))
    repacketizer.clear()
    expect(repacketizer.samples).toBe(0)
    add(repacketizer, Uint8Array.of(toc(1), 5))
    expect(repacketizer.write()).toEqual(Uint8Array.of(toc(1), 5))
  })
})

describe('OpusFrames', () => {
  it.each([
    ['a TOC byte alone', Uint8Array.of(toc(1)), true],
    ['one byte more', Uint8Array.of(toc(1), 9), true],
    ['two empty frames', Uint8Array.of(toc(1, 1)), true],
    ['three empty frames', Uint8Array.of(toc(1, 3), 3), true],
    ['a frame of two bytes', Uint8Array.of(toc(1), 9, 9), false],
    ['a voice before silence', Uint8Array.of(toc(1, 2), 2, 9, 9), false],
  ])('tells DTX: %s', (_what, packet, isDtx) => {
    const frames = new OpusFrames()
    expect(splitOpusPacket(packet, frames)).toBe(true)
    expect(frames.isDtx).toBe(isDtx)
  })
})
