import { describe, expect, it } from 'vitest'
import { type LinkSample, type NodeSample, statsView } from './stats-view.ts'

function link(id: string, counters: Partial<LinkSample['counters']> = {}, more: Partial<LinkSample> = {}): LinkSample {
  return {
    id,
    state: 'connected',
    roundTripMs: 12,
    down: { lossFraction: 0, jitterMs: 1, wantsRed: false },
    up: null,
    counters: { datagramsIn: 0, bytesIn: 0, datagramsOut: 0, bytesOut: 0, retransmitted: 0, ...counters },
    ...more,
  }
}

interface Room {
  onStage?: number[]
  /** Participant numbers with the ids of their links. */
  people: [number, string | null][]
}

function sample(atMs: number, links: LinkSample[], room?: Room): NodeSample {
  const { onStage = [], people = [] } = room ?? {}
  const forwarder = {
    slots: [{ speakerNumber: onStage[0] ?? null }],
    uplinks: onStage.map((participantNumber) => ({ participantNumber, onStage: true })),
    downlinks: people.map(([participantNumber, linkId]) => ({ participantNumber, linkId })),
  }
  const transport = { datagrams: 0, strays: 3, floodsRefused: 1, handshakesUnderWay: 0, handshakesFailed: 0 }
  return {
    atMs,
    uptimeMs: atMs,
    node: {
      line: { state: 'up' },
      usage: { cpuUs: atMs * 250, residentBytes: 1e8 },
      rooms: room ? [{ roomId: 'room-with-a-long-id', participants: people.length, recording: null, forwarder }] : [],
    },
    transports: [
      { ...transport, perLink: links.slice(0, 1) },
      { ...transport, perLink: links.slice(1) },
    ],
    eventLoopDelay: { p50Ms: 0, p99Ms: 1, maxMs: 2 },
  }
}

describe('statsView', () => {
  it('has no rates without a sample before', () => {
    const view = statsView(null, sample(1_000, [link('a')], { people: [[1, 'a']] }))
    expect(view).toMatchObject({ cpuShare: null, traffic: null, strays: 6, floodsRefused: 2, threads: 2, people: 1 })
    expect(view.rooms[0]?.participants[0]).toMatchObject({ number: 1, traffic: null, roundTripMs: 12 })
  })

  it('makes rates of two samples, for each person and in all', () => {
    const people: Room['people'] = [
      [1, 'a'],
      [2, 'b'],
    ]
    const before = sample(1_000, [link('a', { datagramsOut: 100, bytesOut: 10_000 }), link('b')], { people })
    const a = link('a', { datagramsOut: 200, bytesOut: 20_000 })
    const now = sample(3_000, [a, link('b', { datagramsIn: 10, bytesIn: 500 })], { people })
    const view = statsView(before, now)
    expect(view.cpuShare).toBeCloseTo(0.25)
    expect(view.traffic).toEqual({ packetsInPerS: 5, packetsOutPerS: 50, bitsInPerS: 2_000, bitsOutPerS: 40_000 })
    expect(view.rooms[0]?.participants.map(({ traffic }) => traffic?.packetsOutPerS)).toEqual([50, 0])
  })

  it('is not confused by links that come and go between samples', () => {
    const before = sample(0, [link('gone', { datagramsOut: 1_000_000 }), link('stays', { datagramsOut: 10 })])
    const now = sample(1_000, [link('stays', { datagramsOut: 60 }), link('new', { datagramsOut: 5 })])
    expect(statsView(before, now).traffic?.packetsOutPerS).toBe(55)
  })

  it('shows those on stage first, then those who lose most, and bounds the rows', () => {
    const links = Array.from({ length: 150 }, (_, i) =>
      link(`l${i}`, {}, { down: { lossFraction: i === 140 ? 0.2 : 0, jitterMs: 1, wantsRed: i === 140 } }),
    )
    const people: Room['people'] = links.map(({ id }, i) => [i + 1, id])
    const [room] = statsView(null, sample(0, links, { people, onStage: [150, 149] })).rooms
    expect(room?.participants.slice(0, 4).map(({ number }) => number)).toEqual([149, 150, 141, 1])
    expect(room?.participants[1]).toMatchObject({ onStage: true, speaking: true })
    expect(room?.participants[2]).toMatchObject({ onStage: false, lossDown: 0.2, sentRed: true })
    expect(room).toMatchObject({ id: 'room-wit', people: 150, notShown: 50 })
    expect(room?.participants).toHaveLength(100)
  })

  it('has a row for somebody whose link is not known (any more)', () => {
    const people: Room['people'] = [
      [1, null],
      [2, 'gone'],
    ]
    const [room] = statsView(null, sample(0, [], { people })).rooms
    expect(room?.participants).toMatchObject([
      { number: 1, state: 'unknown', roundTripMs: null, lossUp: null },
      { number: 2, state: 'unknown' },
    ])
  })

  it('tells the loss of a microphone as a share, also when nothing has come yet', () => {
    const up = { packets: 98, lost: 2, jitterMs: 3 }
    const links = [link('a', {}, { up }), link('b', {}, { up: { packets: 0, lost: 0, jitterMs: 0 } })]
    const people: Room['people'] = [
      [1, 'a'],
      [2, 'b'],
    ]
    const [room] = statsView(null, sample(0, links, { people })).rooms
    expect(room?.participants.map(({ lossUp }) => lossUp)).toEqual([0.02, null])
  })
})
