import { describe, expect, it } from 'vitest'
import { SealShard } from '../seal-shard.ts'
import type { RtpBody } from '../sealer.ts'
import { PROFILES } from '../srtp.fixture.ts'

const FILL = { baseIndex: 100, slots: 4, blocksPerSlot: 3, widthBytes: 32 }
const KEYS = { ssrc: 1, payloadType: 111, redPayloadType: 63, keyInput: Buffer.alloc(36, 1) }

function bodyOf(length: number): RtpBody {
  return { timestamp: 0, marker: false, csrc: 0, red: false, payload: Buffer.alloc(length, 7) }
}

describe.each(PROFILES)('a ring of keystream, %s', (_name, profile) => {
  function shardWith(fill: typeof FILL | null) {
    const shard = new SealShard(profile)
    const record = shard.takePlace(KEYS)
    if (fill) shard.fill(record, fill, (counters) => Buffer.from(counters))
    const seal = (index: number, length = 20) => {
      shard.list(record, index, 0)
      shard.seal(bodyOf(length), 0)
    }
    return { shard, record, seal }
  }

  it('cannot be read before it is filled', () => {
    expect(() => shardWith(null).seal(0)).toThrow(/unreachable/)
  })

  it('gives each slot once, in order', () => {
    const { seal } = shardWith(FILL)
    seal(100)
    expect(() => seal(100)).toThrow(/unreachable/)
    seal(102)
    expect(() => seal(101)).toThrow(/unreachable/)
    seal(103)
    expect(() => seal(104)).toThrow(/unreachable/)
    expect(() => seal(99)).toThrow(/unreachable/)
  })

  it('cannot be read beyond its width', () => {
    const { seal } = shardWith(FILL)
    expect(() => seal(100, 33)).toThrow(/unreachable/)
    seal(100, 32)
  })

  it('cannot be read while a refill fails', () => {
    const { shard, record, seal } = shardWith(FILL)
    const fail = () => {
      throw new Error('no cipher')
    }
    expect(() => shard.fill(record, { ...FILL, baseIndex: 104 }, fail)).toThrow('no cipher')
    for (let index = 100; index < 110; index++) expect(() => seal(index)).toThrow(/unreachable/)
  })

  it('is empty in a place that was given back', () => {
    const { shard, record, seal } = shardWith(FILL)
    shard.giveBack(record)
    expect(shard.takePlace(KEYS)).toBe(record)
    expect(() => seal(100)).toThrow(/unreachable/)
  })
})
