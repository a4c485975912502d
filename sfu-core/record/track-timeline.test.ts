import { describe, expect, it } from 'vitest'
import {
  FRAME_SAMPLES,
  type SimulatedPacket,
  SimulatedSpeaker,
  seededRandom,
  WrittenTrack,
} from './simulated-speaker.fixture.ts'
import { TrackTimeline } from './track-timeline.ts'

const SAMPLES_PER_MS = 48
const SECOND = 48_000
const TICK = 100 * SAMPLES_PER_MS

/** Hands packets over in the order of their arrival, the clock's ticks between them. */
function play(packets: readonly SimulatedPacket[], endAt?: number): WrittenTrack {
  const track = new WrittenTrack()
  const timeline = new TrackTimeline(track.sink)
  let tick = 0
  for (const { packet } of [...packets].sort((a, b) => a.packet.arrival - b.packet.arrival)) {
    for (; tick <= packet.arrival; tick += TICK) timeline.onTime(tick)
    timeline.onPacket(packet)
  }
  // At the moment of the last packet: no tail, unless a test asks for one.
  timeline.end(endAt ?? 0)
  return track
}

interface Place {
  tag: number
  errorMs: number
}

/** How far each written packet is from when it was spoken (and sent, one frame later). */
function errorsOf(track: WrittenTrack, packets: readonly SimulatedPacket[]): Place[] {
  const spoken = new Map(packets.map(({ spokenAt, packet }) => [tagOf(packet.payload), spokenAt]))
  return track.packets.map(({ tag, at }) => ({
    tag,
    errorMs: (at - (spoken.get(tag) ?? Number.NaN) - FRAME_SAMPLES) / SAMPLES_PER_MS,
  }))
}

const tagOf = (payload: Uint8Array): number => ((payload[1] ?? 0) << 16) | ((payload[2] ?? 0) << 8) | (payload[3] ?? 0)

const worst = (places: Place[]): number => places.reduce((most, { errorMs }) => Math.max(most, Math.abs(errorMs)), 0)
const tags = (track: WrittenTrack): number[] => track.packets.map(({ tag }) => tag)
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

/** `count` packets in a row from `from` on. */
function talk(
  speaker: SimulatedSpeaker,
  options: {
    from: number
    count: number
    firstTag?: number
    delayMs?: (i: number) => number
    levelDbov?: number | null
  },
): SimulatedPacket[] {
  return range(options.count).map((i) =>
    speaker.speak(options.from + i * speaker.frameDuration, {
      tag: (options.firstTag ?? 0) + i,
      delayMs: options.delayMs?.(i) ?? 0,
      ...(options.levelDbov === undefined ? {} : { levelDbov: options.levelDbov }),
    }),
  )
}

describe('TrackTimeline', () => {
  it('puts an even stream at its exact place, without silence', () => {
    const packets = talk(new SimulatedSpeaker(), { from: 3 * SECOND, count: 200 })
    const track = play(packets)
    expect(track.offset).toBe(3 * SECOND + FRAME_SAMPLES)
    expect(tags(track)).toEqual(range(200))
    expect(track.silenceSamples).toBe(0)
    expect(worst(errorsOf(track, packets))).toBe(0)
  })

  it('goes on across the wraps of timestamp and sequence number', () => {
    const speaker = new SimulatedSpeaker({ firstTimestamp: 0xffff_ffff - 5 * 960, firstSequence: 65_530 })
    const packets = talk(speaker, { from: 0, count: 100 })
    const track = play(packets)
    expect(tags(track)).toEqual(range(100))
    expect(worst(errorsOf(track, packets))).toBe(0)
  })

  it('is not moved by jitter: the quickest packets tell the place', () => {
    const random = seededRandom(1)
    const packets = talk(new SimulatedSpeaker({ baseDelayMs: 40 }), {
      from: SECOND,
      count: 3_000,
      delayMs: () => random() * 50,
    })
    const track = play(packets)
    expect(tags(track)).toEqual(range(3_000))
    const late = errorsOf(track, packets).map(({ errorMs }) => errorMs - 40)
    expect(Math.min(...late)).toBeGreaterThanOrEqual(-3)
    expect(Math.max(...late)).toBeLessThan(20)
  })

  it('puts overtaken packets back in order', () => {
    const packets = talk(new SimulatedSpeaker(), { from: 0, count: 100, delayMs: (i) => (i % 10 === 5 ? 55 : 0) })
    const track = play(packets)
    expect(tags(track)).toEqual(range(100))
    expect(worst(errorsOf(track, packets))).toBe(0)
  })

  it('makes a lost packet exact silence', () => {
    const packets = talk(new SimulatedSpeaker(), { from: 0, count: 100 }).filter((_, i) => i !== 50 && i !== 51)
    const track = play(packets)
    expect(track.silenceSamples).toBe(2 * FRAME_SAMPLES)
    expect(worst(errorsOf(track, packets))).toBe(0)
  })

  it('leaves duplicates out, and packets that come after their place was given up', () => {
    const all = talk(new SimulatedSpeaker(), { from: 0, count: 100 })
    const twice = [...all, ...all.slice(20, 40)].map((entry, i) =>
      i < 100 ? entry : { ...entry, packet: { ...entry.packet, arrival: entry.packet.arrival + 3 * 960 + 7 } },
    )
    const late = twice.map((entry, i) =>
      i === 70 ? { ...entry, packet: { ...entry.packet, arrival: entry.packet.arrival + SECOND / 2 } } : entry,
    )
    const track = play(late)
    expect(tags(track)).toEqual(range(100).filter((tag) => tag !== 70))
    expect(track.silenceSamples).toBe(FRAME_SAMPLES)
    expect(worst(errorsOf(track, all))).toBe(0)
  })

  it('fills DTX with exact silence', () => {
    const speaker = new SimulatedSpeaker()
    const before = talk(speaker, { from: 0, count: 50 })
    speaker.skip(200)
    const after = talk(speaker, { from: 250 * FRAME_SAMPLES, count: 50, firstTag: 50 })
    const track = play([...before, ...after])
    expect(track.silenceSamples).toBe(200 * FRAME_SAMPLES)
    expect(worst(errorsOf(track, [...before, ...after]))).toBe(0)
  })

  it.each([100, 400, 3_000, 60_000, 3_600_000])('places what follows a clock that stood still for %i ms', (pauseMs) => {
    const speaker = new SimulatedSpeaker()
    const before = talk(speaker, { from: 0, count: 100 })
    const after = talk(speaker, { from: 100 * FRAME_SAMPLES + pauseMs * 48, count: 100, firstTag: 100 })
    const track = play([...before, ...after])
    expect(tags(track)).toEqual(range(200))
    expect(worst(errorsOf(track, [...before, ...after]))).toBeLessThan(2.5)
  })

  it.each([1, 2, 3, 4])('places a reload: other timestamps, other numbers (seed %i)', (seed) => {
    const random = seededRandom(seed)
    const speaker = new SimulatedSpeaker()
    const before = talk(speaker, { from: 0, count: 100 })
    speaker.restart(random() * 2 ** 32, random() * 65_536)
    const after = talk(speaker, { from: 100 * FRAME_SAMPLES + 4 * SECOND, count: 100, firstTag: 100 })
    const track = play([...before, ...after])
    expect(tags(track)).toEqual(range(200))
    expect(worst(errorsOf(track, [...before, ...after]))).toBeLessThan(2.5)
  })

  it.each([80, 250, 1_000, 4_000])('does not misplace a burst after a stall of %i ms', (stallMs) => {
    const from = 100 * FRAME_SAMPLES
    const stallEnd = from + stallMs * 48
    const speaker = new SimulatedSpeaker()
    const packets = range(600).map((i) => {
      const spokenAt = i * FRAME_SAMPLES
      const waitsMs = spokenAt >= from && spokenAt < stallEnd ? (stallEnd - spokenAt) / 48 + i * 0.1 : 0
      return speaker.speak(spokenAt, { tag: i, delayMs: waitsMs })
    })
    const track = play(packets)
    expect(tags(track)).toEqual(range(600))
    expect(track.silenceSamples).toBe(0)
    expect(worst(errorsOf(track, packets))).toBe(0)
  })

  it('does not misplace a backlog that drains at three times the pace', () => {
    const speaker = new SimulatedSpeaker()
    const stalled = 100 * FRAME_SAMPLES
    let arrival = stalled + 2 * SECOND
    const packets = range(500).map((i) => {
      const spokenAt = i * FRAME_SAMPLES
      if (spokenAt < stalled) return speaker.speak(spokenAt, { tag: i })
      arrival = Math.max(arrival + FRAME_SAMPLES / 3, spokenAt + FRAME_SAMPLES)
      return speaker.speak(spokenAt, { tag: i, delayMs: (arrival - spokenAt - FRAME_SAMPLES) / 48 })
    })
    const track = play(packets)
    expect(tags(track)).toEqual(range(500))
    expect(worst(errorsOf(track, packets))).toBe(0)
  })

  it.each([200, -200])('stays within 20 ms over an hour of a clock that is %i ppm off', (driftPpm) => {
    const random = seededRandom(7)
    const speaker = new SimulatedSpeaker({ driftPpm })
    const packets: SimulatedPacket[] = []
    const frames = (3600 * SECOND) / FRAME_SAMPLES
    for (let i = 0; i < frames; i++) {
      // Five seconds of speech, one of quiet.
      const levelDbov = i % 300 < 250 ? 30 : 80
      packets.push(speaker.speak(i * speaker.frameDuration, { tag: i, levelDbov, delayMs: random() * 8 }))
    }
    const track = play(packets)
    const spoken = track.packets.filter(({ tag }) => tag % 300 < 250)
    expect(spoken).toHaveLength((frames / 300) * 250)
    expect(worst(errorsOf(track, packets))).toBeLessThan(20)
  })

  it.each([200, -200])('stays within 20 ms with DTX in the pauses, at %i ppm', (driftPpm) => {
    const speaker = new SimulatedSpeaker({ driftPpm })
    const packets: SimulatedPacket[] = []
    let frame = 0
    while (frame < (1200 * SECOND) / FRAME_SAMPLES) {
      for (let i = 0; i < 250; i++, frame++) packets.push(speaker.speak(frame * speaker.frameDuration, { tag: frame }))
      speaker.skip(50)
      frame += 50
    }
    const track = play(packets)
    expect(tags(track)).toHaveLength(packets.length)
    expect(worst(errorsOf(track, packets))).toBeLessThan(20)
  })

  it('never lets a clock run away from somebody who is never silent', () => {
    const speaker = new SimulatedSpeaker({ driftPpm: 200 })
    const packets = talk(speaker, { from: 0, count: 90_000, levelDbov: null })
    expect(worst(errorsOf(play(packets), packets))).toBeLessThan(120)
  })

  it('finds the place of somebody whose first second was held up', () => {
    const speaker = new SimulatedSpeaker()
    const packets = talk(speaker, {
      from: 0,
      count: 1_000,
      delayMs: (i) => (i < 50 ? 90 - i : 0),
    }).map((entry, i) => ({ ...entry, packet: { ...entry.packet, levelDbov: i % 100 > 60 ? 90 : 30 } }))
    const track = play(packets)
    const settled = errorsOf(track, packets).filter(({ tag }) => tag >= 300)
    expect(worst(settled)).toBeLessThan(12)
    expect(tags(track).filter((tag) => tag % 100 <= 60)).toEqual(range(1_000).filter((i) => i % 100 <= 60))
  })

  it('reaches the end for somebody who pauses (DTX), and leaves one who had gone before where they went', () => {
    const packets = talk(new SimulatedSpeaker(), { from: SECOND, count: 50 })
    const last = Math.max(...packets.map(({ packet }) => packet.arrival))
    const paused = play(packets, last + 380 * SAMPLES_PER_MS)
    expect(last + 380 * SAMPLES_PER_MS - paused.head).toBeLessThan(FRAME_SAMPLES)
    const gone = play(packets, last + 5 * SECOND)
    expect(gone.head).toBe(play(packets).head)
  })

  it('survives a sender of nonsense in bounded time and space', () => {
    const random = seededRandom(3)
    const track = new WrittenTrack()
    const timeline = new TrackTimeline(track.sink)
    for (let i = 0; i < 20_000; i++) {
      timeline.onPacket({
        sequenceNumber: Math.floor(random() * 65_536),
        timestamp: Math.floor(random() * 2 ** 32),
        samples: 960,
        levelDbov: null,
        payload: Uint8Array.of(0xf8, 0, 0, 0),
        arrival: i * 960,
      })
    }
    timeline.end(20_000 * 960)
    expect(track.head).toBeLessThan(20_000 * 960 * 1.1)
  })
})
