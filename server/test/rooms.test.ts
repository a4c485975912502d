import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import { CANDIDATE_MAX_CHARS, CANDIDATES_MAX_LINES } from '../../sfu-core/contract/limits.ts'
import type { ServerClient } from '../contract/client.ts'
import type { RoomFeed, RoomListFeed, RoomView, Visibility } from '../contract/views.ts'
import { person } from '../rooms/room-fixtures.ts'
import { type FakeNode, startFakeNode } from './fake-node.ts'
import { followRoom } from './follow-room.ts'
import {
  cleanUp,
  connect,
  newPerson,
  reasonOf,
  startServer,
  type TestPerson,
  type TestServer,
  until,
} from './harness.ts'

let server: TestServer
let node: FakeNode
let host: TestPerson
let guest: ServerClient

beforeAll(async () => {
  server = await startServer()
  node = startFakeNode(server, { credential: { relayKey: server.relayKey } })
  await node.up()
  host = await newPerson(server, 'Host')
  guest = connect(server)
})
afterAll(async () => {
  await node.close()
  await cleanUp()
})

/** A host has a bounded number of live rooms at a time. */
afterEach(async () => {
  const live = (await host.client.api.rooms.mine.query()).filter((room) => room.status === 'live')
  await Promise.all(live.map(({ roomId }) => host.client.api.rooms.end.mutate({ roomId })))
})

async function newRoom(visibility: Visibility = 'public', live = true): Promise<RoomView> {
  const room = await host.client.api.rooms.create.mutate({
    title: `A ${visibility} room`,
    visibility,
    hosting: 'relay',
  })
  return live ? host.client.api.rooms.goLive.mutate({ roomId: room.roomId }) : room
}

const join = (
  client: ServerClient,
  roomId: RoomId,
  more: { invite?: string; seat?: string; name?: string } = { name: 'Guest' },
) => client.api.rooms.join.mutate({ roomId, ...more })

describe('a room', () => {
  it('is a draft, goes live, ends and goes live again', async () => {
    const draft = await newRoom('public', false)
    expect(draft).toMatchObject({ status: 'draft', mine: true, hostName: 'Host', liveSinceMs: null })
    expect(await reasonOf(join(guest, draft.roomId))).toMatchObject({ reason: 'room-not-live' })
    const live = await host.client.api.rooms.goLive.mutate({ roomId: draft.roomId })
    expect(live).toMatchObject({ status: 'live', nodeUp: true, liveSinceMs: expect.any(Number) })
    const { seat } = await join(guest, draft.roomId)
    const feed = followRoom(guest, seat)
    await until(() => feed.messages.length > 0, 'the first message')
    expect(await host.client.api.rooms.end.mutate({ roomId: draft.roomId })).toMatchObject({ status: 'ended' })
    await until(() => feed.outcome.completed, 'the feed ends')
    expect(feed.messages.at(-1)).toEqual({ type: 'ended', reason: 'room-ended' })
    await until(
      () => node.requests.some((r) => r.type === 'close-room' && r.roomId === draft.roomId),
      'the node closes it',
    )
    const again = await host.client.api.rooms.goLive.mutate({ roomId: draft.roomId })
    expect(again).toMatchObject({ status: 'live', endedAtMs: null })
  })

  it('is gone live and ended by its host only', async () => {
    const { roomId } = await newRoom('public', false)
    const other = await newPerson(server, 'Other')
    expect(await reasonOf(other.client.api.rooms.goLive.mutate({ roomId }))).toMatchObject({ reason: 'not-allowed' })
    expect(await reasonOf(other.client.api.rooms.end.mutate({ roomId }))).toMatchObject({ reason: 'not-allowed' })
    expect(await reasonOf(guest.api.rooms.end.mutate({ roomId }))).toMatchObject({ reason: 'sign-in-needed' })
    const unknown = guest.api.rooms.get.query({ roomId: 'nothing' as RoomId })
    expect(await reasonOf(unknown)).toMatchObject({ reason: 'room-not-found' })
  })

  it('public: in the list; unlisted: by its link; private: by its invite, its host, or a seat', async () => {
    const [open, unlisted, closed] = [await newRoom('public'), await newRoom('unlisted'), await newRoom('private')]
    const listed = (await guest.api.rooms.live.query()).map((room) => room.roomId)
    expect(listed).toContain(open.roomId)
    expect(listed).not.toContain(unlisted.roomId)
    expect(listed).not.toContain(closed.roomId)
    expect(await guest.api.rooms.get.query({ roomId: unlisted.roomId })).toMatchObject({
      mine: false,
      inviteCode: null,
    })
    const { roomId, inviteCode } = closed
    const invite = inviteCode ?? ''
    expect(await reasonOf(guest.api.rooms.get.query({ roomId }))).toMatchObject({ reason: 'invite-needed' })
    expect(await reasonOf(join(guest, roomId))).toMatchObject({ reason: 'invite-needed' })
    expect(await reasonOf(join(guest, roomId, { invite: 'wrong', name: 'G' }))).toMatchObject({
      reason: 'invite-needed',
    })
    expect(await guest.api.rooms.get.query({ roomId, invite })).toMatchObject({ inviteCode: null })
    const { seat, participantId } = await join(guest, roomId, { invite, name: 'G' })
    const renewed = await host.client.api.rooms.renewInvite.mutate({ roomId })
    expect(renewed.inviteCode).not.toBe(invite)
    expect(await reasonOf(join(guest, roomId, { invite, name: 'G' }))).toMatchObject({ reason: 'invite-needed' })
    expect(await join(guest, roomId, { seat })).toMatchObject({ participantId })
    expect(await host.client.api.rooms.get.query({ roomId })).toMatchObject({ inviteCode: renewed.inviteCode })
  })
})

describe('sound for listeners', () => {
  const create = (audiencePacketMs?: 20 | 40 | 60 | 120) =>
    host.client.api.rooms.create.mutate({
      title: 'Loud and clear',
      visibility: 'public',
      hosting: 'relay',
      ...(audiencePacketMs !== undefined && { audiencePacketMs }),
    })
  const opened = (roomId: RoomId) =>
    node.requests.flatMap((request) =>
      request.type === 'open-room' && request.room.roomId === roomId ? [request.room.audiencePacketMs] : [],
    )

  it('is balanced unless told otherwise, and the node is told', async () => {
    const [usual, quick] = [await create(), await create(20)]
    expect([usual.audiencePacketMs, quick.audiencePacketMs]).toEqual([60, 20])
    await host.client.api.rooms.goLive.mutate({ roomId: usual.roomId })
    await host.client.api.rooms.goLive.mutate({ roomId: quick.roomId })
    expect([opened(usual.roomId), opened(quick.roomId)]).toEqual([[60], [20]])
  })

  it('has four values and no other', async () => {
    expect(await reasonOf(create(30 as 20))).toMatchObject({ reason: 'input-invalid' })
  })

  it('a host’s choice in the live room is seen by all, and kept when the room ends', async () => {
    const { roomId } = await host.client.api.rooms.goLive.mutate({ roomId: (await create()).roomId })
    const { seat } = await join(guest, roomId)
    const feed = followRoom(guest, seat)
    await until(() => feed.messages.length > 0, 'the first message')
    await node.tell(roomId, [{ type: 'audience-packet', audiencePacketMs: 120 }])
    await until(() => feed.messages.length > 1, 'the news')
    expect(feed.messages.at(-1)).toEqual({
      type: 'events',
      events: [{ type: 'audience-packet', audiencePacketMs: 120 }],
    })
    expect(await guest.api.rooms.get.query({ roomId })).toMatchObject({ audiencePacketMs: 120 })
    await host.client.api.rooms.end.mutate({ roomId })
    expect(await guest.api.rooms.get.query({ roomId })).toMatchObject({ audiencePacketMs: 120 })
    await host.client.api.rooms.goLive.mutate({ roomId })
    expect(opened(roomId)).toEqual([60, 120])
  })
})

describe('addresses of a page', () => {
  const lines = ['candidate:1 1 udp 1686052607 203.0.113.7 40000 typ srflx raddr 0.0.0.0 rport 0']

  it('go to the node of the room, as those of the seat that the token is for', async () => {
    const { roomId } = await newRoom()
    const { token, participantId } = await join(guest, roomId)
    await guest.api.rooms.candidates.mutate({ token, lines })
    expect(node.requests.at(-1)).toEqual({ type: 'candidates', roomId, participantId, lines })
  })

  it('are refused with another token, too many at once, or too long', async () => {
    const { roomId } = await newRoom()
    const { token, seat } = await join(guest, roomId)
    const asked = node.requests.length
    const send = (input: { token: string; lines: string[] }) => reasonOf(guest.api.rooms.candidates.mutate(input))
    expect(await send({ token: seat, lines })).toMatchObject({ reason: 'token-wrong-audience' })
    expect(await send({ token: `${token}x`, lines })).toMatchObject({ reason: 'token-altered' })
    expect(await send({ token, lines: Array(CANDIDATES_MAX_LINES + 1).fill('candidate:1') })).toMatchObject({
      reason: 'input-invalid',
    })
    expect(await send({ token, lines: ['x'.repeat(CANDIDATE_MAX_CHARS + 1)] })).toMatchObject({
      reason: 'input-invalid',
    })
    expect(await send({ token, lines: [] })).toMatchObject({ reason: 'input-invalid' })
    await host.client.api.rooms.end.mutate({ roomId })
    expect(await send({ token, lines })).toMatchObject({ reason: 'room-not-live' })
    expect(node.requests.slice(asked).filter(({ type }) => type === 'candidates')).toEqual([])
  })
})

describe('a private room that ended and is live anew', () => {
  it('does not open by a seat of before, once the invite is renewed', async () => {
    const { roomId, inviteCode } = await newRoom('private')
    const before = await join(guest, roomId, { invite: inviteCode ?? '', name: 'Removed' })
    await host.client.api.rooms.end.mutate({ roomId })
    const renewed = await host.client.api.rooms.renewInvite.mutate({ roomId })
    await host.client.api.rooms.goLive.mutate({ roomId })
    const { seat, token } = before
    expect(await reasonOf(join(guest, roomId, { seat }))).toMatchObject({ reason: 'invite-needed' })
    const offer = guest.api.rooms.offer.mutate({ token, offerSdp: 'v=0' })
    expect(await reasonOf(offer)).toMatchObject({ reason: 'seat-unknown' })
    const act = guest.api.rooms.act.mutate({ seat, action: { type: 'raise-hand' } })
    expect(await reasonOf(act)).toMatchObject({ reason: 'seat-unknown' })
    const feed = followRoom(guest, seat)
    await until(() => feed.outcome.completed, 'the feed ends')
    expect(feed.messages).toEqual([{ type: 'ended', reason: 'room-ended' }])
    const after = await join(guest, roomId, { seat, invite: renewed.inviteCode ?? '' })
    expect(after.participantId).toBe(before.participantId)
    expect(await join(guest, roomId, { seat: after.seat })).toMatchObject({ participantId: after.participantId })
  })
})

describe('joining', () => {
  it('takes one trip to the node, which sees the role', async () => {
    const { roomId } = await newRoom()
    const admission = await join(host.client, roomId, {})
    const answer = await host.client.api.rooms.offer.mutate({ token: admission.token, offerSdp: 'v=0' })
    expect(answer).toMatchObject({
      answerSdp: 'answer to v=0',
      participant: { name: 'Host', rank: 'host', guest: false },
    })
    await until(async () => (await guest.api.rooms.get.query({ roomId })).listenerCount === 1, 'they are counted')
  })

  it('gives an account the same seat each time, and a guest theirs by the seat kept', async () => {
    const { roomId } = await newRoom()
    const [first, second] = [await join(host.client, roomId, {}), await join(host.client, roomId, {})]
    expect(second.participantId).toBe(first.participantId)
    const asGuest = await join(guest, roomId, { name: 'Mai' })
    expect((await join(guest, roomId, { seat: asGuest.seat })).participantId).toBe(asGuest.participantId)
    expect((await join(guest, roomId, { name: 'Mai' })).participantId).not.toBe(asGuest.participantId)
    expect(await reasonOf(join(guest, roomId, {}))).toMatchObject({ reason: 'name-needed' })
  })

  it("an account's seat without its session opens nothing of the account", async () => {
    const { roomId } = await newRoom()
    const { seat, participantId } = await join(host.client, roomId, {})
    expect((await join(guest, roomId, { seat, name: 'Thief' })).participantId).not.toBe(participantId)
  })

  it('refuses bad tokens with their reasons', async () => {
    const { roomId } = await newRoom()
    const { token, seat } = await join(guest, roomId)
    const offer = (bad: string) => reasonOf(guest.api.rooms.offer.mutate({ token: bad, offerSdp: 'v=0' }))
    const [header, payload, signature] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...claims, role: 'host' })).toString('base64url')
    expect(await offer(`${header}.${forged}.${signature}`)).toMatchObject({ reason: 'token-altered' })
    expect(await offer('nonsense')).toMatchObject({ reason: 'token-malformed' })
    expect(await offer(seat)).toMatchObject({ reason: 'token-wrong-audience' })
    const act = guest.api.rooms.act.mutate({ seat: token, action: { type: 'raise-hand' } })
    expect(await reasonOf(act)).toMatchObject({ reason: 'token-wrong-audience' })
  })

  it('hands the refusals of the node on', async () => {
    const { roomId } = await newRoom()
    const { token } = await join(guest, roomId)
    await host.client.api.rooms.end.mutate({ roomId })
    const offer = guest.api.rooms.offer.mutate({ token, offerSdp: 'v=0' })
    expect(await reasonOf(offer)).toMatchObject({ reason: 'room-not-live' })
  })

  it('says what is wrong with an input, and an oversized one is refused without harm', async () => {
    const create = guest.api.rooms.create.mutate({ title: ' ', visibility: 'public', hosting: 'relay' })
    expect(await reasonOf(create)).toMatchObject({ reason: 'input-invalid', message: expect.stringContaining('title') })
    const { token } = await join(guest, (await newRoom()).roomId)
    const large = guest.api.rooms.offer.mutate({ token, offerSdp: 'x'.repeat(40_000) })
    expect(await reasonOf(large)).toMatchObject({ reason: 'input-invalid' })
    const own = connect(server)
    await expect(own.api.rooms.offer.mutate({ token, offerSdp: 'x'.repeat(400_000) })).rejects.toThrow()
    // The socket was closed for it, and comes back by itself.
    expect(await own.api.people.me.query()).toBeNull()
  })
})

describe('acting', () => {
  it('goes to the node, and too fast is refused with the time to wait', async () => {
    const { roomId } = await newRoom()
    const { seat, participantId } = await join(guest, roomId)
    await guest.api.rooms.act.mutate({ seat, action: { type: 'raise-hand' } })
    expect(node.requests.at(-1)).toMatchObject({ type: 'act', roomId, participantId, action: { type: 'raise-hand' } })
    const burst = Array.from({ length: 60 }, () =>
      reasonOf(guest.api.rooms.act.mutate({ seat, action: { type: 'lower-hand' } })).catch(() => null),
    )
    const refused = (await Promise.all(burst)).filter((one) => one?.reason === 'too-many-requests')
    expect(refused.length).toBeGreaterThan(10)
    expect(refused[0]?.retryAfterMs).toBeGreaterThan(0)
  })
})

describe('the feed of a room', () => {
  it('begins with the whole state, tells what happens, and resumes after a drop', async () => {
    const { roomId } = await newRoom()
    const { seat, token, participantId } = await join(guest, roomId)
    const own = connect(server)
    const feed = followRoom(own, seat)
    await until(() => feed.messages[0]?.type === 'state', 'the whole state')
    await guest.api.rooms.offer.mutate({ token, offerSdp: 'v=0' })
    await until(() => feed.messages.length === 2, 'the event')
    expect(feed.messages[1]).toMatchObject({ type: 'events', events: [{ participant: { id: participantId } }] })
    own.reconnect()
    const left = { type: 'left', participantId, reason: 'left' } as const
    await node.tell(roomId, [left])
    await until(
      () => feed.messages.some((m) => m.type === 'events' && m.events[0]?.type === 'left'),
      'the missed event',
    )
    expect(feed.messages.filter((message) => message.type === 'state')).toHaveLength(1)
    expect(feed.messages.filter((message) => message.type === 'events')).toHaveLength(2)
  })

  it('gives a whole state to one who was away too long', async () => {
    const { roomId } = await newRoom()
    const { seat } = await join(guest, roomId)
    const messages: RoomFeed[] = []
    const stale = guest.api.rooms.events.subscribe(
      { seat, lastEventId: 'epoch-0:1' },
      { onData: ({ data }) => messages.push(data) },
    )
    await until(() => messages.length > 0, 'a message')
    expect(messages[0]?.type).toBe('state')
    stale.unsubscribe()
  })

  it('of a client that does not read is not kept for ever: it gets a whole state when it reads again', async () => {
    const { roomId } = await newRoom()
    const { seat } = await join(host.client, roomId, {})
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/trpc`)
    const types: string[] = []
    let last = ''
    socket.on('message', (data) => {
      last = data.toString()
      types.push(JSON.parse(last).result?.data?.data?.type)
    })
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(JSON.stringify({ id: 1, method: 'subscription', params: { path: 'rooms.events', input: { seat } } }))
    await until(() => types.includes('state'), 'the state')
    socket.pause()
    const name = 'x'.repeat(60)
    // Some 5 kB in one publication.
    const eventsAtOnce = 18
    const many = 4_000
    for (let n = 1; n <= many; n += 1) {
      const participant = person('busy', { name, handRaisedAtMs: n })
      const event = { type: 'participant', participant } as const
      await node.tell(
        roomId,
        Array.from({ length: eventsAtOnce }, () => event),
      )
    }
    socket.resume()
    await until(() => last.includes(`"handRaisedAtMs":${many}`), 'the newest')
    expect(types.filter((type) => type === 'state')).toHaveLength(2)
    expect(types.filter((type) => type === 'events').length).toBeLessThan(many)
    socket.terminate()
  })

  it('ends for one who is removed, and tells one who comes after the end that it is over', async () => {
    const { roomId } = await newRoom()
    const { seat, participantId } = await join(guest, roomId)
    const feed = followRoom(guest, seat)
    await until(() => feed.messages.length > 0, 'the state')
    await node.tell(roomId, [{ type: 'left', participantId, reason: 'removed' }])
    await until(() => feed.outcome.completed, 'the feed ends')
    await host.client.api.rooms.end.mutate({ roomId })
    const late = followRoom(guest, seat)
    await until(() => late.outcome.completed, 'the late feed ends')
    expect(late.messages).toEqual([{ type: 'ended', reason: 'room-ended' }])
  })
})

describe('the feed of the list', () => {
  it('begins with the list, then tells of rooms that come, change and go', async () => {
    const messages: RoomListFeed[] = []
    const own = connect(server)
    const subscription = own.api.rooms.listFeed.subscribe(undefined, { onData: ({ data }) => messages.push(data) })
    await until(() => messages[0]?.type === 'rooms', 'the list')
    const { roomId } = await newRoom()
    await until(() => messages.some((m) => m.type === 'room' && m.room.roomId === roomId), 'the new room')
    await host.client.api.rooms.end.mutate({ roomId })
    await until(() => messages.some((m) => m.type === 'gone' && m.roomId === roomId), 'the room that went')
    subscription.unsubscribe()
  })
})

describe('too many', () => {
  it('joins from one address are refused with the time to wait; what runs goes on', async () => {
    const { roomId } = await newRoom()
    const { seat } = await join(host.client, roomId, {})
    const clients = Array.from({ length: 5 }, () => connect(server))
    const tries = Array.from({ length: 1_000 }, (_, n) => {
      const client = clients[n % clients.length] ?? guest
      return reasonOf(join(client, roomId)).catch(() => null)
    })
    const refused = (await Promise.all(tries)).filter((one) => one?.reason === 'too-many-requests')
    expect(refused.length).toBeGreaterThan(800)
    expect(refused.every((one) => (one?.retryAfterMs ?? 0) > 0)).toBe(true)
    await host.client.api.rooms.act.mutate({ seat, action: { type: 'raise-hand' } })
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })
})
