import { describe, expect, it } from 'vitest'
import { createRandom } from '../../test/random.ts'
import type { UplinkPacket } from '../transport.ts'
import { buildRed } from './red.ts'
import { RedReceiver } from './red-receiver.ts'

const OPUS = 111
const FRAME_SAMPLES = 960
const FIRST_SEQUENCE = 65_530
const FIRST_TIMESTAMP = 2 ** 32 - 3 * FRAME_SAMPLES

/** CELT fullband, one frame of 20 ms (RFC 6716 table 2, configuration 31), told apart by `i`. */
const frame = (i: number) => Uint8Array.of(0xf8, i & 0xff, i >> 8)
const sequenceOf = (i: number) => (FIRST_SEQUENCE + i) & 0xffff
const timestampOf = (i: number) => (FIRST_TIMESTAMP + i * FRAME_SAMPLES) >>> 0

function opus(i: number): UplinkPacket {
  return { sequenceNumber: sequenceOf(i), timestamp: timestampOf(i), payload: frame(i), levelDbov: 20 + (i % 50) }
}

/** Blocks of 20 ms frames, oldest first as libwebrtc has it. */
function red(i: number, earlier: readonly number[]): UplinkPacket {
  const headers = earlier.flatMap((e) => {
    const offset = (i - e) * FRAME_SAMPLES
    return [0x80 | OPUS, offset >> 6, (offset & 0x3f) << 2, frame(e).length]
  })
  const payload = Uint8Array.from([...headers, OPUS, ...earlier.flatMap((e) => [...frame(e)]), ...frame(i)])
  return { ...opus(i), payload }
}

function receiver() {
  const got: { i: number; level: number | null }[] = []
  const red = new RedReceiver({
    opusPayloadType: OPUS,
    deliver: (packet) => {
      const i = (packet.payload[1] ?? 0) + (packet.payload[2] ?? 0) * 256
      expect(packet).toMatchObject({ sequenceNumber: sequenceOf(i), timestamp: timestampOf(i) })
      expect(packet.payload).toEqual(frame(i))
      got.push({ i, level: packet.levelDbov })
    },
  })
  return { red, got, order: () => got.map(({ i }) => i) }
}

describe('RedReceiver', () => {
  it('gives the primary blocks when nothing is lost, across both wraps', () => {
    const { red: receiving, order } = receiver()
    for (let i = 0; i < 20; i++) receiving.onRed(red(i, i > 0 ? [i - 1] : []))
    expect(order()).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(receiving.recovered).toBe(0)
  })

  it('brings a lost packet back before the one that carries it, with the level of that one', () => {
    const { red: receiving, got } = receiver()
    receiving.onRed(red(4, [3]))
    receiving.onRed(red(6, [5]))
    expect(got).toEqual([
      { i: 4, level: 24 },
      { i: 5, level: 26 },
      { i: 6, level: 26 },
    ])
    expect(receiving.recovered).toBe(1)
  })

  it('brings back two with two blocks, the last of three with one', () => {
    const { red: receiving, order } = receiver()
    receiving.onRed(red(1, [0]))
    receiving.onRed(red(4, [2, 3]))
    receiving.onRed(red(8, [7]))
    expect(order()).toEqual([1, 2, 3, 4, 7, 8])
  })

  it('drops what comes late or twice when it was had already, and lets through what was not', () => {
    const { red: receiving, order } = receiver()
    receiving.onRed(red(1, [0]))
    receiving.onRed(red(3, [2]))
    receiving.onRed(red(2, [1]))
    receiving.onRed(red(3, [2]))
    receiving.onRed(red(6, [5]))
    receiving.onOpus(opus(4))
    receiving.onOpus(opus(4))
    expect(order()).toEqual([1, 2, 3, 5, 6, 4])
  })

  it('forgets what is too old to be of use', () => {
    const { red: receiving, order } = receiver()
    receiving.onOpus(opus(40))
    receiving.onOpus(opus(2))
    expect(order()).toEqual([40])
  })

  it('starts anew with another source, whatever its numbers are', () => {
    const { red: receiving, order } = receiver()
    receiving.onRed(red(100, [99]))
    receiving.restart()
    receiving.onRed(red(1, [0]))
    receiving.onRed(red(3, [2]))
    expect(order()).toEqual([100, 1, 2, 3])
  })

  it('takes Opus and RED from one sender, in turns', () => {
    const { red: receiving, order } = receiver()
    receiving.onOpus(opus(1))
    receiving.onRed(red(3, [2]))
    receiving.onOpus(opus(4))
    receiving.onRed(red(5, [4]))
    expect(order()).toEqual([1, 2, 3, 4, 5])
  })

  it('does not bring back what was passed over: a muted voice stays muted', () => {
    const { red: receiving, order } = receiver()
    receiving.onRed(red(1, [0]))
    receiving.onPassedOver()
    receiving.onRed(red(3, [2]))
    receiving.onRed(red(5, [4]))
    expect(order()).toEqual([1, 3, 4, 5])
  })

  it('brings nothing back before the first packet', () => {
    const { red: receiving, order } = receiver()
    receiving.onRed(red(5, [3, 4]))
    expect(order()).toEqual([5])
  })

  it('knows one missing packet by its place, also after a pause without packets (DTX)', () => {
    const got: number[][] = []
    const receiving = new RedReceiver({
      opusPayloadType: OPUS,
      deliver: ({ sequenceNumber, timestamp }) => got.push([sequenceNumber, timestamp]),
    })
    receiving.onOpus({ sequenceNumber: 10, timestamp: 0, payload: frame(0), levelDbov: null })
    const parts = { payloadType: OPUS, primary: frame(2), redundant: frame(1), timestampOffset: 5 * FRAME_SAMPLES }
    receiving.onRed({ sequenceNumber: 12, timestamp: 48_000, payload: buildRed(parts) ?? frame(9), levelDbov: null })
    expect(got).toEqual([
      [10, 0],
      [11, 43_200],
      [12, 48_000],
    ])
  })

  it('does not place a block whose distance is no number of frames', () => {
    const sequences: number[] = []
    const receiving = new RedReceiver({
      opusPayloadType: OPUS,
      deliver: ({ sequenceNumber }) => sequences.push(sequenceNumber),
    })
    receiving.onOpus({ sequenceNumber: 10, timestamp: 0, payload: frame(0), levelDbov: null })
    const parts = { payloadType: OPUS, primary: frame(2), redundant: frame(1), timestampOffset: 1_000 }
    receiving.onRed({ sequenceNumber: 13, timestamp: 2_880, payload: buildRed(parts) ?? frame(9), levelDbov: null })
    expect(sequences).toEqual([10, 13])
  })

  it('leaves out blocks of other payload types and empty primaries', () => {
    const { red: receiving, order } = receiver()
    receiving.onOpus(opus(1))
    const foreign = red(3, [2])
    foreign.payload[0] = 0x80 | 13
    expect(receiving.onRed(foreign)).toBe(true)
    expect(receiving.onRed({ ...opus(4), payload: Uint8Array.of(OPUS) })).toBe(true)
    expect(receiving.onRed({ ...opus(5), payload: Uint8Array.of(0xff) })).toBe(false)
    expect(order()).toEqual([1, 3])
  })

  it('gives each packet once, with 20 % loss, repeats and reordering (seeded)', () => {
    const { red: receiving, order } = receiver()
    const { arrivals, reached } = roughPath(5_000)
    for (const packet of arrivals) receiving.onRed(packet)
    const given = new Set(order())
    expect(given.size).toBe(order().length)
    expect(reached.filter((i) => !given.has(i))).toEqual([])
    // Of 20 % lost those remain whose next one is lost too: 4 %; and where the order was wrong, one in a hundred.
    expect(given.size / 5_000).toBeGreaterThan(0.94)
  })
})

/** Loses a fifth, repeats some, and swaps some neighbours. */
function roughPath(count: number) {
  const random = createRandom(5)
  const reached = Array.from({ length: count }, (_, i) => i).filter(() => !random.chance(20))
  const sent = reached.flatMap((i) => new Array<number>(random.chance(5) ? 2 : 1).fill(i))
  for (let at = 1; at < sent.length; at++) {
    const [a = 0, b = 0] = sent.slice(at - 1, at + 1)
    if (random.chance(10)) sent.splice(at - 1, 2, b, a)
  }
  return { reached, arrivals: sent.map((i) => red(i, i > 0 ? [i - 1] : [])) }
}
