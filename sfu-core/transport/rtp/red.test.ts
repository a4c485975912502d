import { describe, expect, it } from 'vitest'
import { Red, RedEncoder } from 'werift'
import { createRandom } from '../../test/random.ts'
import { buildRed, MAX_REDUNDANT_BLOCKS, RedBlocks } from './red.ts'

const OPUS = 111

function blocksOf(payload: Uint8Array) {
  const blocks = new RedBlocks()
  if (!blocks.read(payload)) return null
  return Array.from({ length: blocks.redundantCount + 1 }, (_, i) => ({
    payloadType: blocks.payloadTypes[i],
    offset: blocks.timestampOffsets[i],
    bytes: [...blocks.block(i)],
  }))
}

function redOf(options: { primary?: number; redundant?: number; offset?: number }) {
  return buildRed({
    payloadType: OPUS,
    primary: new Uint8Array(options.primary ?? 3).fill(1),
    redundant: new Uint8Array(options.redundant ?? 2).fill(2),
    timestampOffset: options.offset ?? 960,
  })
}

describe('RED (RFC 2198)', () => {
  it('has the bytes of §3', () => {
    // F=1 PT=111, offset 960 = 00 0011 1100 0000, length 2 = 00 0000 0010; F=0 PT=111.
    expect(Buffer.from(redOf({}) ?? []).toString('hex')).toBe('ef0f00026f0202010101')
  })

  it('reads what it builds, and what werift builds with several blocks', () => {
    expect(blocksOf(redOf({ offset: 16_383, redundant: 1_023 }) ?? new Uint8Array())).toEqual([
      { payloadType: OPUS, offset: 16_383, bytes: new Array(1_023).fill(2) },
      { payloadType: OPUS, offset: 0, bytes: [1, 1, 1] },
    ])
    const encoder = new RedEncoder(2)
    for (const i of [1, 2, 3]) encoder.push({ block: Buffer.alloc(i, i), timestamp: i * 960, blockPT: OPUS })
    expect(blocksOf(encoder.build().serialize())).toEqual([
      { payloadType: OPUS, offset: 1_920, bytes: [1] },
      { payloadType: OPUS, offset: 960, bytes: [2, 2] },
      { payloadType: OPUS, offset: 0, bytes: [3, 3, 3] },
    ])
  })

  it('is read by werift', () => {
    const read = Red.deSerialize(Buffer.from(redOf({ redundant: 300, offset: 2_880 }) ?? []))
    expect(read.blocks.map((block) => [block.blockPT, block.timestampOffset, block.block.length])).toEqual([
      [OPUS, 2_880, 300],
      [OPUS, undefined, 3],
    ])
  })

  it('does not build what the header cannot say', () => {
    for (const offset of [0, -960, 16_384, 2 ** 32 - 960, Number.NaN]) expect(redOf({ offset })).toBeNull()
    for (const redundant of [0, 1_024]) expect(redOf({ redundant })).toBeNull()
    expect(redOf({ primary: 0 })).not.toBeNull()
  })

  it('refuses each way of being cut short', () => {
    const whole = redOf({ primary: 0 }) ?? new Uint8Array()
    expect(blocksOf(whole)).toHaveLength(2)
    for (let length = 0; length < whole.length; length++) expect(blocksOf(whole.subarray(0, length))).toBeNull()
  })

  it('refuses more blocks than anybody sends', () => {
    const header = [0x80 | OPUS, 15, 0, 0]
    const chain = (count: number) => Uint8Array.from([...new Array(count).fill(header).flat(), OPUS, 9])
    expect(blocksOf(chain(MAX_REDUNDANT_BLOCKS))).toHaveLength(MAX_REDUNDANT_BLOCKS + 1)
    expect(blocksOf(chain(MAX_REDUNDANT_BLOCKS + 1))).toBeNull()
  })

  it('never throws, and never reads outside (20,000 seeded payloads)', () => {
    const random = createRandom(2198)
    const blocks = new RedBlocks()
    for (let i = 0; i < 20_000; i++) {
      const payload = Uint8Array.from({ length: random.int(40) }, () => random.int(256))
      if (random.chance(50) && payload.length > 0) payload[0] = 0x80 | OPUS
      if (!blocks.read(payload)) {
        expect(blocks.redundantCount).toBe(0)
        continue
      }
      let bytes = 0
      for (let b = 0; b <= blocks.redundantCount; b++) bytes += blocks.block(b).length
      expect(bytes).toBe(payload.length - blocks.redundantCount * 4 - 1)
    }
  })
})
