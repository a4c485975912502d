import { describe, expect, it } from 'vitest'
import { OpusFrames, splitOpusPacket } from '../opus/frames.ts'
import { MERGED_MAX_BYTES } from '../opus/repacketize.ts'
import type { DownlinkPacket } from '../transport/transport.ts'
import { AudiencePacer, MERGE_PATIENCE_MS } from './audience-pacer.ts'

const TOC = 0xf8
const FRAME = 960
/** On the grid of every phase. */
const START = 120 * FRAME

interface Sent extends DownlinkPacket {
  /** When. */
  atMs: number
  frameCount: number
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
      sent.push({ ...packet, payload, atMs: nowMs, frameCount: frames.count })
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
      sent.map(({ timestamp, frameCount: count, atMs }) => {
        const frame = ((timestamp - start) | 0) / FRAME
        return [frame, count, atMs - frame * 20]
      }),
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

  it('lets a short first packet wait as long as a full one, so that all come evenly', () => {
    const { run, shape } = createHarness(3, 1)
    run(0, 9)
    // Phase 1: 0 and 1, then 2 to 4, 5 to 7.
    expect(shape()).toEqual([
      [0, 2, 40],
      [2, 3, 40],
      [5, 3, 40],
    ])
  })

  it('lets the last packet of a voice wait so, by the clock', () => {
    const { run, say, tick, shape, pacer } = createHarness(3)
    run(0, 4)
    say({ frame: 4, payload: Uint8Array.of(TOC) })
    expect(pacer.dueAtMs).toBe(100)
    tick(99)
    expect(shape()).toHaveLength(1)
    tick(100)
    expect(shape().at(-1)).toEqual([3, 1, 40])
    expect(pacer.dueAtMs).toBe(120)
    tick(120)
    expect(shape().at(-1)).toEqual([4, 1, 40])
    expect(pacer.dueAtMs).toBe(Number.POSITIVE_INFINITY)
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
      [0, 1],
      [1, 3],
      [4, 3],
    ])
  })

  it('keeps DTX in a packet of its own', () => {
    const { run, say, tick, sent } = createHarness(3)
    run(0, 2)
    say({ frame: 2, payload: Uint8Array.of(TOC) })
    tick(1_000)
    expect(sent.map(({ payload }) => payload.length)).toEqual([5, 1])
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
      'a lost packet',
      { frame: 2 },
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
    const { say, shape } = createHarness(2, 1)
    say({ frame: 0, payload: Uint8Array.of(TOC | 3, 3, 1, 2, 3), atMs: 0 })
    expect(shape()).toEqual([[0, 3, 0]])
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
    expect(sent.map(({ frameCount }) => frameCount)).toEqual([6])
  })

  it('goes over the wrap of the RTP clock: one shorter packet, nothing lost, nothing twice', () => {
    for (let phase = 0; phase < 3; phase++) {
      const { run, shape, tick } = createHarness(3, phase, 2 ** 32 - 10 * FRAME - 300)
      run(0, 30)
      tick(10_000)
      const covered = shape().flatMap(([frame, count]) =>
        Array.from({ length: count ?? 0 }, (_, i) => (frame ?? 0) + i),
      )
      expect(covered).toEqual(Array.from({ length: 30 }, (_, i) => i))
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

  it('holds only so many packets of somebody who makes each one short', () => {
    const { say, sent } = createHarness(6)
    for (let frame = 0; frame < 100; frame++)
      say({ frame: frame / 8, payload: Uint8Array.of(0xe0 | ((frame % 2) << 2), 1), atMs: 0 })
    expect(sent.length).toBeGreaterThanOrEqual(100 - 12)
  })
})
