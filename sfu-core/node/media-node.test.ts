import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { nodeIdSchema, type RoomId, roomIdSchema, takeIdSchema } from '../contract/ids.ts'
import { HEARTBEAT_INTERVAL_MS, MESSAGE_MAX_BYTES, NODE_MAX_ROOMS } from '../contract/limits.ts'
import { DEFAULT_AUDIENCE_PACKET_MS } from '../contract/media.ts'
import { type NodeRequest, type NodeWelcome, nodeAnswerSchema, type OpenRoom } from '../contract/node-protocol.ts'
import { Refusal } from '../contract/reasons.ts'
import type { TakeManifest } from '../contract/take.ts'
import {
  type PublicKey,
  publicKeySchema,
  ROOM_TOKEN_AUDIENCE,
  TOKEN_ALGORITHM,
  TOKEN_ISSUER,
} from '../contract/token.ts'
import { createFakeClock } from '../test/fake-clock.ts'
import { createFakeForwarder } from '../test/fake-forwarder.ts'
import { createFakeLink } from '../test/fake-link.ts'
import { createFakeStudio } from '../test/fake-recorder.ts'
import { createFakeTransport, GOOD_OFFER } from '../test/fake-transport.ts'
import { personId } from '../test/people.ts'
import { settle } from '../test/settle.ts'
import { CLOSE_REPORTS_MS, HEARTBEATS_MAX_PENDING } from './limits.ts'
import { MediaNode, type MediaNodeParts } from './media-node.ts'

const NODE_ID = nodeIdSchema.parse('node-1')
const ROOM_1 = roomIdSchema.parse('room-1')
const ROOM_2 = roomIdSchema.parse('room-2')
const REGISTRATION = { kind: 'relay', name: 'test', version: '0', takeStorage: 'shared' } as const

let privateKey: CryptoKey
let publicKey: PublicKey

beforeAll(async () => {
  const pair = await generateKeyPair(TOKEN_ALGORITHM, { crv: 'Ed25519', extractable: true })
  privateKey = pair.privateKey
  publicKey = publicKeySchema.parse(await exportJWK(pair.publicKey))
})

const openRoom = (roomId: RoomId, snapshot: OpenRoom['snapshot'] = null): OpenRoom => ({
  roomId,
  title: 'A room',
  audiencePacketMs: DEFAULT_AUDIENCE_PACKET_MS,
  snapshot,
})
const welcome = (...rooms: OpenRoom[]): NodeWelcome => ({
  nodeId: NODE_ID,
  publicKey,
  rooms,
  nodeToken: null,
  stunServers: [],
})

function createHarness(parts: Partial<MediaNodeParts> = {}) {
  const clock = createFakeClock()
  const link = createFakeLink()
  const transport = createFakeTransport()
  const studio = createFakeStudio(clock)
  const marked: string[] = []
  const roomCounts: number[] = []
  const logged: { level: string; fields: object; message: string }[] = []
  const logAs = (level: string) => (fields: object, message: string) => logged.push({ level, fields, message })
  const node = new MediaNode(
    {
      link,
      transport,
      registration: REGISTRATION,
      clock,
      log: { info: logAs('info'), warn: logAs('warn'), error: logAs('error') },
      onRoomCount: (rooms) => roomCounts.push(rooms),
    },
    {
      createForwarder: createFakeForwarder,
      startTake: (start, events) => studio.start(start, events),
      takesToReport: async () => [],
      markReported: async (take) => {
        marked.push(take.takeId)
      },
      usage: () => ({ cpuUs: 1_000, residentBytes: 2_000 }),
      ...parts,
    },
  )

  async function join(name: string, role = 'listener', roomId = ROOM_1) {
    const claims = { roomId, participantId: name, nodeId: NODE_ID, role, name, guest: false }
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: TOKEN_ALGORITHM })
      .setIssuer(TOKEN_ISSUER)
      .setAudience(ROOM_TOKEN_AUDIENCE)
      .setExpirationTime(new Date(clock.nowMs() + 60_000))
      .sign(privateKey)
    return ask({ type: 'join', token, roomId, offerSdp: GOOD_OFFER })
  }

  async function ask(request: NodeRequest) {
    const answer = nodeAnswerSchema.parse(await link.request(request))
    await settle()
    return answer
  }

  const act = (name: string, action: Extract<NodeRequest, { type: 'act' }>['action']) =>
    ask({ type: 'act', roomId: ROOM_1, participantId: personId(name), action })

  async function connect(...rooms: OpenRoom[]) {
    await settle()
    await link.connect(welcome(...rooms))
    await settle()
  }

  return { node, clock, link, transport, studio, marked, logged, roomCounts, join, ask, act, connect }
}

const endedTake = (takeId: string): TakeManifest => ({
  version: 1,
  takeId: takeIdSchema.parse(takeId),
  roomId: ROOM_1,
  roomTitle: 'A room',
  startedAtMs: 1,
  endedAtMs: 2,
  endedBy: 'crash',
  continues: null,
  participants: [],
  tracks: [],
  timeline: [],
})

describe('rooms of a node', () => {
  test('R140: at a welcome the missing are opened, the unnamed closed, the rest left alone', async () => {
    const { node, link, connect, join, transport } = createHarness()
    await connect(openRoom(ROOM_1), openRoom(ROOM_2))
    expect(await join('ann')).toMatchObject({ ok: true })
    await connect(openRoom(ROOM_1))
    expect(node.dump().rooms.map((room) => room.roomId)).toEqual([ROOM_1])
    expect(node.dump().rooms[0]).toMatchObject({ participants: 1, links: 1 })
    expect(transport.openLinks).toHaveLength(1)
    const lastOfRoom2 = link.publications.findLast((publication) => publication.roomId === ROOM_2)
    expect(lastOfRoom2?.body).toEqual({ type: 'events', events: [{ type: 'ended', reason: 'room-ended' }] })
  })

  test('how many are open is told as they open and close, and not when nothing changes', async () => {
    const { node, ask, connect, roomCounts } = createHarness()
    await connect(openRoom(ROOM_1), openRoom(ROOM_2))
    await connect(openRoom(ROOM_1))
    await ask({ type: 'close-room', roomId: ROOM_1, reason: 'room-ended' })
    await ask({ type: 'close-room', roomId: ROOM_1, reason: 'room-ended' })
    expect(roomCounts).toEqual([1, 2, 1, 0])
    expect(node.roomCount).toBe(0)
  })

  test('R140: a room that runs is not set back by an older snapshot', async () => {
    const { connect, join, act, link, node } = createHarness()
    await connect(openRoom(ROOM_1))
    await join('ann', 'speaker')
    const old = link.publications.findLast((publication) => publication.snapshot)?.snapshot ?? null
    await act('ann', { type: 'leave' })
    await connect(openRoom(ROOM_1, old))
    expect(node.dump().rooms[0]).toMatchObject({ participants: 0 })
  })

  test('R141: after each welcome every open room publishes its whole state', async () => {
    const { connect, join, link } = createHarness()
    await connect(openRoom(ROOM_1))
    await join('ann')
    link.disconnect()
    await connect(openRoom(ROOM_1))
    expect(link.publications.at(-1)?.body).toMatchObject({ type: 'state', state: { participants: { ann: {} } } })
  })

  test('R122: what happened while the line was down is in the next whole state', async () => {
    const { connect, join, act, link } = createHarness()
    await connect(openRoom(ROOM_1))
    await join('ann')
    link.disconnect()
    await act('ann', { type: 'raise-hand', recordingConsent: false })
    await connect(openRoom(ROOM_1))
    expect(link.publications.at(-1)).toMatchObject({
      body: { type: 'state', state: { participants: { ann: { handRaisedAtMs: expect.any(Number) } } } },
      snapshot: { seats: [{ id: 'ann' }] },
    })
  })

  test('R150: a room that the server says is not live here is closed, and its take ends', async () => {
    const { node, connect, join, act, link, transport, studio, clock, ask } = createHarness()
    await connect(openRoom(ROOM_1))
    await join('host', 'host')
    await act('host', { type: 'start-recording' })
    const publish = link.publish
    let refused = 0
    link.publish = async () => {
      refused += 1
      throw new Refusal('room-not-live')
    }
    await act('host', { type: 'set-muted', muted: true })
    expect(node.dump().rooms).toEqual([])
    expect(transport.openLinks).toEqual([])
    expect(studio.latest.endedBy).toBe('room-ended')
    expect(link.reports.at(-1)).toMatchObject({ endedBy: 'room-ended' })
    clock.advance(10 * HEARTBEAT_INTERVAL_MS)
    await settle()
    expect(refused).toBe(1)
    link.publish = publish
    expect(await ask({ type: 'open-room', room: openRoom(ROOM_1) })).toMatchObject({ ok: true })
    expect(link.publications.at(-1)?.body).toMatchObject({ type: 'state' })
  })

  test('R91: a room is opened with the sound for listeners that was chosen', async () => {
    const opened: number[] = []
    const { connect, link } = createHarness({
      createForwarder: ({ audiencePacketMs }) => {
        opened.push(audiencePacketMs)
        return createFakeForwarder()
      },
    })
    await connect({ ...openRoom(ROOM_1), audiencePacketMs: 120 })
    expect(opened).toEqual([120])
    expect(link.publications.at(-1)?.body).toMatchObject({ type: 'state', state: { audiencePacketMs: 120 } })
  })

  test('a computer at home learns from the welcome who tells it its public address', async () => {
    const { link, transport } = createHarness()
    const told: (readonly string[])[] = []
    transport.askStunServers = (servers) => told.push(servers)
    await settle()
    await link.connect({ ...welcome(), stunServers: ['stun:198.51.100.1:40000', 'stun:[2001:db8::1]:40000'] })
    expect(told).toEqual([['198.51.100.1:40000', '[2001:db8::1]:40000']])
  })

  test('R145: a node that is full says so', async () => {
    const { connect, ask, node } = createHarness()
    await connect(...Array.from({ length: NODE_MAX_ROOMS }, (_, index) => openRoom(roomIdSchema.parse(`r${index}`))))
    expect(await ask({ type: 'open-room', room: openRoom(ROOM_1) })).toMatchObject({ ok: false, reason: 'node-busy' })
    expect(await ask({ type: 'open-room', room: openRoom(roomIdSchema.parse('r0')) })).toEqual({
      ok: true,
      value: null,
    })
    expect(node.dump().rooms).toHaveLength(NODE_MAX_ROOMS)
  })
})

describe('requests', () => {
  test('R142: open, join, act, close', async () => {
    const { connect, ask, join, act, link } = createHarness()
    await connect()
    expect(await ask({ type: 'open-room', room: openRoom(ROOM_1) })).toEqual({ ok: true, value: null })
    expect(await join('ann')).toMatchObject({
      ok: true,
      value: { answerSdp: 'answer 0', participant: { id: 'ann', number: 1 } },
    })
    expect(await act('ann', { type: 'raise-hand', recordingConsent: false })).toEqual({ ok: true, value: null })
    expect(await ask({ type: 'close-room', roomId: ROOM_1, reason: 'room-ended' })).toEqual({ ok: true, value: null })
    expect(await ask({ type: 'close-room', roomId: ROOM_1, reason: 'room-ended' })).toEqual({ ok: true, value: null })
    expect(link.publications.at(-1)?.body).toEqual({
      type: 'events',
      events: [{ type: 'ended', reason: 'room-ended' }],
    })
  })

  test('R73 R142: the clock of the running take; of a room without one, and of no room, a refusal', async () => {
    const { connect, join, act, ask, clock, studio } = createHarness()
    await connect(openRoom(ROOM_1))
    const askClock = (roomId: RoomId) => ask({ type: 'take-clock', roomId })
    await join('host', 'host')
    expect(await askClock(ROOM_1)).toMatchObject({ ok: false, reason: 'no-take' })
    await act('host', { type: 'start-recording' })
    clock.advance(2_500.5)
    const answer = await askClock(ROOM_1)
    expect(answer).toEqual({ ok: true, value: { takeId: studio.latest.manifest.takeId, takeMs: 2_500.5 } })
    expect(nodeAnswerSchema.parse(answer)).toEqual(answer)
    expect(await askClock(ROOM_2)).toMatchObject({ ok: false, reason: 'room-not-live' })
  })

  test('R92 R142: addresses of a page are handed on', async () => {
    const { connect, join, ask, transport } = createHarness()
    await connect(openRoom(ROOM_1))
    await join('ann')
    const told: (readonly string[])[] = []
    const [link] = transport.links
    if (link) link.addRemoteCandidates = (lines) => told.push(lines)
    const request = { type: 'candidates' as const, participantId: personId('ann'), lines: ['candidate:1'] }
    expect(await ask({ ...request, roomId: ROOM_1 })).toEqual({ ok: true, value: null })
    expect(await ask({ ...request, roomId: ROOM_2 })).toMatchObject({ ok: false, reason: 'room-not-live' })
    expect(told).toEqual([['candidate:1']])
  })

  test('R142: refusals carry their reason', async () => {
    const { connect, join, act, ask } = createHarness()
    await connect(openRoom(ROOM_1))
    expect(await join('ann', 'listener', ROOM_2)).toMatchObject({ ok: false, reason: 'room-not-live' })
    expect(await act('ann', { type: 'leave' })).toMatchObject({ ok: false, reason: 'not-in-room' })
    const forged = await ask({ type: 'join', token: 'x', roomId: ROOM_1, offerSdp: GOOD_OFFER })
    expect(forged).toMatchObject({ ok: false, reason: 'token-malformed' })
  })

  test('R142: an unexpected error is an answer too, and is logged', async () => {
    const { connect, join, logged, transport } = createHarness()
    await connect(openRoom(ROOM_1))
    transport.accept = () => Promise.reject(new Error('boom'))
    expect(await join('ann')).toEqual({ ok: false, reason: 'server-error', detail: expect.any(String) })
    expect(logged).toContainEqual(expect.objectContaining({ level: 'error', message: 'a request failed' }))
  })

  test('R142: a refusal with a very long sentence still fits the contract', async () => {
    const { connect, join, transport } = createHarness()
    await connect(openRoom(ROOM_1))
    transport.accept = () => Promise.reject(new Refusal('offer-malformed', 'x'.repeat(10_000)))
    expect(await join('ann')).toMatchObject({ ok: false, reason: 'offer-malformed' })
  })
})

describe('heartbeats', () => {
  test('R143: one a second while the line is up', async () => {
    const { connect, join, link, clock } = createHarness()
    await settle()
    clock.advance(5 * HEARTBEAT_INTERVAL_MS)
    await connect(openRoom(ROOM_1))
    await join('ann')
    for (let second = 1; second <= 5; second += 1) {
      clock.advance(HEARTBEAT_INTERVAL_MS)
      await settle()
      expect(link.heartbeats).toHaveLength(1 + second)
    }
    expect(link.heartbeats.at(-1)).toEqual({ rooms: 1, participants: 1, cpuUs: 1_000, residentBytes: 2_000 })
    link.disconnect()
    clock.advance(5 * HEARTBEAT_INTERVAL_MS)
    expect(link.heartbeats).toHaveLength(6)
  })

  test('R143: heartbeats that hang are not piled up, and a new line starts anew', async () => {
    const { connect, link, clock } = createHarness()
    let sent = 0
    link.heartbeat = () => {
      sent += 1
      return new Promise(() => {})
    }
    await connect()
    clock.advance(20 * HEARTBEAT_INTERVAL_MS)
    expect(sent).toBe(HEARTBEATS_MAX_PENDING)
    link.disconnect()
    await connect()
    expect(sent).toBe(HEARTBEATS_MAX_PENDING + 1)
  })
})

describe('takes', () => {
  test('R144: a take is reported at its start and its end, and then marked', async () => {
    const { connect, join, act, link, marked, studio } = createHarness()
    await connect(openRoom(ROOM_1))
    await join('host', 'host')
    expect(await act('host', { type: 'start-recording' })).toMatchObject({ ok: true })
    expect(link.reports.map((take) => take.endedAtMs)).toEqual([null])
    expect(marked).toEqual([])
    await act('host', { type: 'stop-recording' })
    expect(link.reports.at(-1)).toMatchObject({ endedBy: 'stopped' })
    expect(marked).toEqual([studio.latest.manifest.takeId])
  })

  test('R144: news are kept while the line is down; the newest of each take', async () => {
    const { connect, join, act, link, marked, clock } = createHarness()
    await connect(openRoom(ROOM_1))
    await join('host', 'host')
    link.disconnect()
    await act('host', { type: 'start-recording' })
    await act('host', { type: 'stop-recording' })
    clock.advance(600_000)
    await settle()
    expect(link.reports).toEqual([])
    await connect(openRoom(ROOM_1))
    expect(link.reports).toMatchObject([{ endedBy: 'stopped' }])
    expect(marked).toHaveLength(1)
  })

  test('R144 R147: takes of an earlier life are reported, before anything else is opened', async () => {
    let found: (takes: TakeManifest[]) => void = () => {}
    const { link, connect, marked } = createHarness({
      takesToReport: () => new Promise((resolve) => (found = resolve)),
    })
    await settle()
    expect(link.isOpen).toBe(false)
    found([endedTake('t1'), endedTake('t2')])
    await connect()
    expect(link.reports.map((take) => take.takeId)).toEqual(['t1', 't2'])
    expect(marked).toEqual(['t1', 't2'])
  })

  test('R144: a take that the server does not take now holds up no other, one that it never takes is let go', async () => {
    const { link, connect, marked, node, clock } = createHarness({
      takesToReport: async () => ['bad', 'unknown', 'good'].map(endedTake),
    })
    const report = link.reportTake.bind(link)
    link.reportTake = async (take) => {
      if (take.takeId === 'bad') throw new Error('database is away')
      if (take.takeId === 'unknown') throw new Refusal('room-not-found')
      await report(take)
    }
    await connect()
    expect(marked).toEqual([])
    clock.advance(1_000)
    await settle()
    expect(marked).toEqual(['good'])
    expect(node.dump().unreportedTakes).toBe(1)
  })

  test('R144: a newer manifest is not overwritten by an older one that failed', async () => {
    const { connect, join, act, link, clock } = createHarness()
    await connect(openRoom(ROOM_1))
    await join('host', 'host')
    const report = link.reportTake.bind(link)
    let failFirst: (error: Error) => void = () => {}
    link.reportTake = () => new Promise((_resolve, reject) => (failFirst = reject))
    await act('host', { type: 'start-recording' })
    await act('host', { type: 'stop-recording' })
    link.reportTake = report
    failFirst(new Error('the line broke'))
    await settle()
    clock.advance(1_000)
    await settle()
    expect(link.reports).toMatchObject([{ endedBy: 'stopped' }])
  })

  test('R148: a take of which no report fits is never sent; it is logged once and marked', async () => {
    const tooLarge = { ...endedTake('huge'), roomTitle: 'x'.repeat(MESSAGE_MAX_BYTES) }
    const { link, connect, marked, logged, node } = createHarness({
      takesToReport: async () => [tooLarge, endedTake('good')],
    })
    await connect()
    link.disconnect()
    await connect()
    expect(link.reports.map((take) => take.takeId)).toEqual(['good'])
    expect(marked).toEqual(['huge', 'good'])
    expect(logged.filter((line) => line.level === 'warn')).toHaveLength(1)
    expect(node.dump().unreportedTakes).toBe(0)
  })

  test('R147: earlier takes that cannot be read do not keep the node from its work', async () => {
    const { link, connect, logged } = createHarness({ takesToReport: () => Promise.reject(new Error('EACCES')) })
    await connect(openRoom(ROOM_1))
    expect(link.publications).toHaveLength(1)
    expect(logged).toContainEqual(expect.objectContaining({ level: 'error' }))
  })
})

describe('closing a node', () => {
  test('R146 R111: ends takes, links and line; the rooms themselves go on', async () => {
    const { node, connect, join, act, link, transport, studio, marked, clock } = createHarness()
    await connect(openRoom(ROOM_1))
    await join('host', 'host')
    await act('host', { type: 'start-recording' })
    const published = link.publications.length
    const closing = node.close()
    expect(node.close()).toBe(closing)
    await closing
    expect(studio.latest.endedBy).toBe('node-closed')
    expect(link.reports.at(-1)).toMatchObject({ endedBy: 'node-closed' })
    expect(marked).toHaveLength(1)
    expect(transport.isClosed).toBe(true)
    expect(transport.openLinks).toEqual([])
    expect(link.isClosed).toBe(true)
    expect(link.publications).toHaveLength(published)
    expect(clock.pendingCount).toBe(0)
    expect(await join('ann')).toMatchObject({ ok: false, reason: 'node-gone' })
  })

  test('R146: a server that does not answer delays the end only for a moment', async () => {
    const { node, connect, join, act, link, clock } = createHarness()
    await connect(openRoom(ROOM_1))
    await join('host', 'host')
    link.reportTake = () => new Promise(() => {})
    await act('host', { type: 'start-recording' })
    const closing = node.close()
    await settle()
    expect(link.isClosed).toBe(false)
    clock.advance(CLOSE_REPORTS_MS)
    await closing
    expect(link.isClosed).toBe(true)
    expect(clock.pendingCount).toBe(0)
  })

  test('R146: closing before the line is open', async () => {
    const { node, link, clock } = createHarness()
    await node.close()
    expect(link.isOpen).toBe(false)
    expect(clock.pendingCount).toBe(0)
  })
})
