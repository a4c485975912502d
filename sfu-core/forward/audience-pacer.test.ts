import { describe, expect, it } from 'vitest'
import { OpusFrames, splitOpusPacket } from '../opus/frames.ts'
import { MERGED_MAX_BYTES } from '../opus/repacketize.ts'
import type { DownlinkPacket } from '../transport/transport.ts'
import { AudiencePacer, MERGE_PATIENCE_MS, RETURN_PATIENCE_MS } from './audience-pacer.ts'

const TOC = 0xf8
const DTX = Uint8Array.of(TOC)
/** SILK wideband. */
const SILK_TOC = 0x48
/** RFC 6716 §4.2.3: a voice, and the frame before it once more. */
const VOICE_AND_FEC = 0xc0
const FRAME = 960
/** On the grid of every phase. */
const START = 120 * FRAME

interface Sent extends DownlinkPacket {
  /** When. */
  atMs: number
  /** Of each frame its last byte, by which `say` names it; null for an empty one. */
  frames: (number | null)[]
}

interface Spoken {
  /** Since START, in frames. */
  frame: number
  payload?: Uint8Array
  marker?: boolean
  speakerNumber?: number
  /** Of the arrival; each frame at its own time unless told. */
  atMs?: number
}

function namesOf(payload: Uint8Array, { count, offsets, lengthsBytes }: OpusFrames): (number | null)[] {
  return Array.from({ length: count }, (_, i) => {
    const lengthBytes = lengthsBytes[i] ?? 0
    return lengthBytes === 0 ? null : (payload[(offsets[i] ?? 0) + lengthBytes - 1] ?? 0)
  })
}

function createHarness(frameCount = 3, phase = 0, start = START) {
  const sent: Sent[] = []
  let nowMs = 0
  const frames = new OpusFrames()
  const pacer = new AudiencePacer({
    frameCount,
    phase,
    send: (packet) => {
      const payload = packet.payload.slice()
      splitOpusPacket(payload, frames)
      sent.push({ ...packet, payload, atMs: nowMs, frames: namesOf(payload, frames) })
    },
  })
  function say(spoken: Spoken): void {
    const {
      frame,
      payload = Uint8Array.of(TOC, 1, frame),
      marker = false,
      speakerNumber = 1,
      atMs = frame * 20,
    } = spoken
    nowMs = atMs
    pacer.tick(nowMs)
    const mine = new OpusFrames()
    splitOpusPacket(payload, mine)
    const timestamp = (start + frame * FRAME) >>> 0
    pacer.push({ packet: { timestamp, speakerNumber, marker, payload }, frames: mine, arrivalMs: atMs, ordinal: frame })
  }
  return {
    pacer,
    sent,
    say,
    run: (from: number, until: number) => {
      for (let frame = from; frame < until; frame++) say({ frame, marker: frame === 0 })
    },
    tick: (atMs: number) => {
      nowMs = atMs
      pacer.tick(atMs)
    },
    /** First frame and number of frames of each packet, and when it left after its first frame's arrival. */
    shape: () =>
      sent.map(({ timestamp, frames: { length }, atMs }) => {
        const frame = ((timestamp - start) | 0) / FRAME
        return [frame, length, atMs - frame * 20]
      }),
    /** What is in each packet. */
    told: () => sent.map((packet) => packet.frames),
  }
}

describe('AudiencePacer', () => {
  it('makes packets of three frames, each at once when its last frame is there', () => {
    const { run, shape, sent } = createHarness()
    run(0, 9)
    expect(shape()).toEqual([
      [0, 3, 40],
      [3, 3, 40],
      [6, 3, 40],
    ])
    expect(sent.map(({ marker }) => marker)).toEqual([true, false, false])
    expect(sent[0]?.payload).toEqual(Uint8Array.of(TOC | 3, 3, 1, 0, 1, 1, 1, 2))
  })

  it.each([1, 2, 3, 6])('lets phases of %i frames leave one frame apart, each on its own grid', (frameCount) => {
    for (let phase = 0; phase < frameCount; phase++) {
      const { run, shape } = createHarness(frameCount, phase)
      run(0, 60)
      const full = shape().filter(([, count]) => count === frameCount)
      expect(full.length).toBeGreaterThanOrEqual(60 / frameCount - 1)
      expect(new Set(full.map(([frame]) => ((frame ?? 0) + phase) % frameCount))).toEqual(new Set([0]))
      expect(new Set(full.map(([, , delayMs]) => delayMs))).toEqual(new Set([(frameCount - 1) * 20]))
    }
  })

  it('leads a voice that begins in mid-cell in with empty frames, so that phases keep their moments', () => {
    const { run, shape, told, sent } = createHarness(3, 1)
    run(0, 9)
    // Cells of phase 1: -1 to 1, 2 to 4, 5 to 7.
    expect(shape()).toEqual([
      [-1, 3, 40],
      [2, 3, 40],
      [5, 3, 40],
    ])
    expect(told().flat()).toEqual([null, 0, 1, 2, 3, 4, 5, 6, 7])
    expect(sent[0]?.payload).toEqual(Uint8Array.of(TOC | 3, 0x83, 0, 2, 1, 0, 1, 1))
    expect(sent.map(({ marker }) => marker)).toEqual([true, false, false])
  })

  it('fills the last packet of a voice up, and moves its DTX to the next cell', () => {
    const { run, say, tick, shape, told, pacer } = createHarness(3)
    run(0, 4)
    say({ frame: 4, payload: DTX })
    expect(pacer.dueAtMs).toBe(100 + RETURN_PATIENCE_MS)
    tick(99 + RETURN_PATIENCE_MS)
    expect(shape()).toHaveLength(1)
    tick(100 + RETURN_PATIENCE_MS)
    expect(shape().at(-1)).toEqual([3, 3, 40 + RETURN_PATIENCE_MS])
    expect(told().at(-1)).toEqual([3, null, null])
    expect(pacer.dueAtMs).toBe(160 + RETURN_PATIENCE_MS)
    tick(160 + RETURN_PATIENCE_MS)
    expect(shape().at(-1)).toEqual([6, 1, 40 + RETURN_PATIENCE_MS])
    expect(pacer.dueAtMs).toBe(Number.POSITIVE_INFINITY)
  })

  it('sends a packet at once whose last frame would be DTX', () => {
    const { run, say, shape, told } = createHarness(3)
    run(0, 5)
    say({ frame: 5, payload: DTX })
    expect(shape().at(-1)).toEqual([3, 3, 40])
    expect(told().at(-1)).toEqual([3, 4, null])
  })

  it('tells a voice that comes back in the same cell in the same packet, without the DTX between', () => {
    const { say, tick, shape, told, sent } = createHarness(6)
    say({ frame: 0, marker: true })
    say({ frame: 1, payload: DTX })
    say({ frame: 4, marker: true })
    say({ frame: 5 })
    tick(1_000)
    expect(shape()).toEqual([[0, 6, 100]])
    expect(told()).toEqual([[0, null, null, null, 4, 5]])
    expect(sent[0]?.marker).toBe(true)
  })

  it('leaves DTX out that still waits when a voice begins in its cell', () => {
    const { run, say, tick, shape, told } = createHarness(3)
    run(0, 4)
    say({ frame: 4, payload: DTX })
    tick(100 + RETURN_PATIENCE_MS)
    say({ frame: 7, marker: true })
    say({ frame: 8 })
    expect(shape().slice(1)).toEqual([
      [3, 3, 40 + RETURN_PATIENCE_MS],
      [6, 3, 40],
    ])
    expect(told().slice(1)).toEqual([
      [3, null, null],
      [null, 7, 8],
    ])
  })

  it('leads in from the end of DTX that has gone out already', () => {
    const { run, say, tick, shape, told } = createHarness(3)
    run(0, 2)
    say({ frame: 3, payload: DTX })
    tick(100 + RETURN_PATIENCE_MS)
    say({ frame: 5, marker: true, atMs: 110 })
    tick(10_000)
    expect(told()).toEqual([[0, 1, null], [null], [null, 5]])
    expect(shape().map(([frame]) => frame)).toEqual([0, 3, 4])
  })

  it('drops what comes when its time was told as silence: nothing overlaps', () => {
    const { run, say, tick, shape } = createHarness(3)
    run(0, 1)
    say({ frame: 1, payload: DTX })
    tick(40 + RETURN_PATIENCE_MS)
    expect(shape()).toEqual([[0, 3, 40 + RETURN_PATIENCE_MS]])
    say({ frame: 2, marker: true, atMs: 50 })
    say({ frame: 3, atMs: 70 })
    tick(10_000)
    expect(shape().map(([frame, count]) => [frame, count])).toEqual([
      [0, 3],
      [3, 1],
    ])
  })

  it('bears it within its patience', () => {
    const { run, say, told } = createHarness(3)
    run(0, 1)
    say({ frame: 1, payload: DTX })
    say({ frame: 2, marker: true, atMs: 40 + RETURN_PATIENCE_MS - 1 })
    expect(told()).toEqual([[0, null, 2]])
  })

  it('takes a voice after half a day of silence', () => {
    const { run, say, tick, told } = createHarness(3)
    run(0, 1)
    say({ frame: 1, payload: DTX })
    tick(1_000)
    const frame = 2 ** 31 / FRAME + 1
    say({ frame: Math.ceil(frame), payload: Uint8Array.of(TOC, 1, 7), marker: true })
    tick(1e9)
    expect(told().flat().at(-1)).toBe(7)
  })

  it('moves the repeated DTX of a long silence too', () => {
    const { run, say, tick, shape } = createHarness(6)
    run(0, 1)
    say({ frame: 1, payload: DTX })
    say({ frame: 41, payload: DTX })
    tick(10_000)
    expect(shape().map(([frame]) => frame)).toEqual([0, 6, 42])
  })

  it('sends what it has when the rest does not come in time', () => {
    const { run, tick, shape, pacer } = createHarness(3)
    run(0, 4)
    const dueAtMs = 60 + 40 + MERGE_PATIENCE_MS
    expect(pacer.dueAtMs).toBe(dueAtMs)
    tick(dueAtMs - 1)
    expect(shape()).toHaveLength(1)
    tick(dueAtMs)
    expect(shape().at(-1)).toEqual([3, 1, 40 + MERGE_PATIENCE_MS])
  })

  it('bears packets that come late within its patience', () => {
    const { say, shape } = createHarness(3)
    say({ frame: 0 })
    say({ frame: 1, atMs: 45 })
    say({ frame: 2, atMs: 65 })
    expect(shape()).toEqual([[0, 3, 65]])
  })

  it('keeps the grid where packets came in a burst', () => {
    const { say, shape } = createHarness(3, 2)
    for (let frame = 0; frame < 8; frame++) say({ frame, atMs: 200 })
    expect(shape().map(([frame, count]) => [frame, count])).toEqual([
      [-2, 3],
      [1, 3],
      [4, 3],
    ])
  })

  it('keeps DTX in a packet of its own', () => {
    const { run, say, tick, sent } = createHarness(3)
    run(0, 2)
    say({ frame: 2, payload: DTX })
    tick(1_000)
    expect(sent.map(({ payload }) => payload.length)).toEqual([8, 1])
  })

  it('does not let the decoder go on with a voice that was cut off', () => {
    const { say, tick, told } = createHarness(3)
    say({ frame: 0 })
    tick(1_000)
    say({ frame: 200, marker: true })
    tick(100_000)
    expect(told()).toEqual([[0], [200]])
  })

  it('tells what was lost as empty frames: the decoder conceals', () => {
    const { say, told } = createHarness(3)
    say({ frame: 0, marker: true })
    for (const frame of [2, 4, 5, 6, 9]) say({ frame })
    expect(told()).toEqual([
      [0, null, 2],
      [null, 4, 5],
      [6, null, null],
    ])
  })

  it('leaves a hole where the next frame tells again what was lost (FEC)', () => {
    const { say, tick, shape } = createHarness(3)
    const silk = (frame: number, flags = 0x80) => Uint8Array.of(SILK_TOC, flags, frame)
    say({ frame: 0, payload: silk(0) })
    say({ frame: 2, payload: silk(2, VOICE_AND_FEC) })
    say({ frame: 4, payload: silk(4, VOICE_AND_FEC) })
    say({ frame: 5, payload: silk(5) })
    tick(10_000)
    expect(shape().map(([frame, count]) => [frame, count])).toEqual([
      [0, 1],
      [2, 1],
      [4, 2],
    ])
    // A full length after their beginning.
    expect(
      shape()
        .slice(0, 2)
        .map(([, , delayMs]) => delayMs),
    ).toEqual([40, 40])
  })

  it.each<[string, Spoken, number[][]]>([
    [
      'another configuration',
      { frame: 1, payload: Uint8Array.of(0xf0, 1, 1) },
      [
        [0, 1],
        [1, 1],
      ],
    ],
    [
      'stereo',
      { frame: 1, payload: Uint8Array.of(TOC | 4, 1, 1) },
      [
        [0, 1],
        [1, 1],
      ],
    ],
    [
      'another speaker',
      { frame: 1, speakerNumber: 2 },
      [
        [0, 1],
        [1, 1],
      ],
    ],
    [
      'a marker',
      { frame: 1, marker: true },
      [
        [0, 1],
        [1, 1],
      ],
    ],
    [
      'a voice that comes back after it was cut off',
      { frame: 2, marker: true },
      [
        [0, 1],
        [2, 1],
      ],
    ],
    [
      'a jump of the clock',
      { frame: 1_000 },
      [
        [0, 1],
        [1_000, 1],
      ],
    ],
    [
      'what would be too long',
      { frame: 1, payload: new Uint8Array(MERGED_MAX_BYTES).fill(TOC, 0, 1) },
      [
        [0, 1],
        [1, 1],
      ],
    ],
  ])('ends a packet before %s', (_what, next, expected) => {
    const { say, tick, shape } = createHarness(3)
    say({ frame: 0 })
    say(next)
    tick(100_000)
    expect(shape().map(([frame, count]) => [frame, count])).toEqual(expected)
  })

  it('passes longer packets than its own on at once', () => {
    const { say, shape } = createHarness(2)
    say({ frame: 0, payload: Uint8Array.of(TOC | 3, 3, 1, 1, 2, 2, 3, 3), atMs: 0 })
    expect(shape()).toEqual([[0, 3, 0]])
  })

  it('leads longer packets in as far as a packet may last (120 ms)', () => {
    const { say, tick, shape } = createHarness(6, 5)
    say({ frame: 0, payload: Uint8Array.of(TOC | 3, 6, ...new Array(12).fill(7)), atMs: 0 })
    tick(1_000)
    expect(shape()).toEqual([[0, 6, 0]])
  })

  it.each([
    ['10 ms', 0xf0, 480],
    ['60 ms', 0x58, 2_880],
  ])('leads frames of %s in', (_what, toc, samples) => {
    for (let phase = 0; phase < 6; phase++) {
      const { pacer, sent, tick } = createHarness(6, phase)
      const payload = Uint8Array.of(toc, 0x80, 9)
      const frames = new OpusFrames()
      splitOpusPacket(payload, frames)
      for (let i = 0; i < 36; i++) {
        const packet = { timestamp: START + i * samples, speakerNumber: 1, marker: i === 0, payload }
        pacer.push({ packet, frames, arrivalMs: (i * samples) / 48, ordinal: i })
      }
      tick(1e6)
      expect(sent.flatMap((packet) => packet.frames.filter((name) => name !== null))).toHaveLength(36)
      const ends = sent.map((packet) => packet.timestamp + packet.frames.length * samples)
      expect(sent.slice(1).map(({ timestamp }) => timestamp)).toEqual(ends.slice(0, -1))
      // All but the last are full, the first one too: as far as its frames reach.
      for (const packet of sent.slice(0, -1)) expect(packet.frames.length * samples).toBeGreaterThan(5 * FRAME)
    }
  })

  it('merges shorter frames than 20 ms', () => {
    const { pacer, sent } = createHarness(3)
    const payload = Uint8Array.of(0xf0, 7, 7)
    const frames = new OpusFrames()
    splitOpusPacket(payload, frames)
    for (let i = 0; i < 6; i++) {
      const packet = { timestamp: START + i * 480, speakerNumber: 1, marker: i === 0, payload }
      pacer.push({ packet, frames, arrivalMs: i * 10, ordinal: i })
    }
    expect(sent.map((packet) => packet.frames.length)).toEqual([6])
  })

  it('goes over the wrap of the RTP clock: one shorter packet, nothing lost, nothing twice', () => {
    for (let phase = 0; phase < 3; phase++) {
      const { run, shape, told, tick } = createHarness(3, phase, 2 ** 32 - 10 * FRAME - 300)
      run(0, 30)
      tick(10_000)
      const covered = shape().flatMap(([frame, count]) =>
        Array.from({ length: count ?? 0 }, (_, i) => (frame ?? 0) + i),
      )
      const first = shape()[0]?.[0] ?? 0
      expect(covered).toEqual(Array.from({ length: 30 - first }, (_, i) => first + i))
      expect(
        told()
          .flat()
          .filter((name) => name !== null),
      ).toEqual(Array.from({ length: 30 }, (_, i) => i))
      expect(shape().length).toBeLessThanOrEqual(13)
    }
  })

  it('flushes at once, and discards without sending', () => {
    const { run, pacer, shape } = createHarness(3)
    run(0, 2)
    expect(pacer.oldestOrdinal).toBe(0)
    expect([pacer.holds(1), pacer.holds(2)]).toEqual([true, false])
    pacer.flush()
    expect(shape()).toEqual([[0, 2, 20]])
    run(2, 5)
    pacer.discard()
    pacer.flush()
    expect(shape()).toHaveLength(2)
    expect(pacer.oldestOrdinal).toBe(Number.POSITIVE_INFINITY)
  })

  it('flushes a silence as it was said: who speaks next need not wait for the cell', () => {
    const { run, say, pacer, tick, shape, told } = createHarness(6)
    run(0, 1)
    say({ frame: 1, payload: DTX })
    pacer.flush()
    expect(shape().map(([frame, count]) => [frame, count])).toEqual([
      [0, 1],
      [1, 1],
    ])
    say({ frame: 3, speakerNumber: 2, marker: true })
    tick(10_000)
    expect(told().at(-1)).toEqual([null, 3])
  })

  it('flushes DTX behind what was filled up', () => {
    const { run, say, pacer, tick, shape } = createHarness(3)
    run(0, 1)
    say({ frame: 1, payload: DTX })
    tick(40 + RETURN_PATIENCE_MS)
    pacer.flush()
    expect(shape().map(([frame]) => frame)).toEqual([0, 3])
  })

  it('leads in no further than to what its listeners have heard elsewhere', () => {
    const { pacer, say, tick, told } = createHarness(6)
    pacer.noteHeard(START + 2 * FRAME)
    pacer.noteHeard(START + FRAME)
    say({ frame: 4, marker: true })
    tick(10_000)
    expect(told()).toEqual([[null, null, 4]])
  })

  it('holds only so many packets of somebody who makes each one short', () => {
    const { say, sent } = createHarness(6)
    for (let frame = 0; frame < 100; frame++)
      say({ frame: frame / 8, payload: Uint8Array.of(0xe0 | ((frame % 2) << 2), 1, 1), atMs: 0 })
    expect(sent.length).toBeGreaterThanOrEqual(100 - 12)
  })
})
