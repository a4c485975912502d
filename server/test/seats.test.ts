import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { ServerClient } from '../contract/client.ts'
import type { Admission } from '../contract/views.ts'
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
let roomId: RoomId
/** The node refuses the next offers with this. */
let refuseOffers: Refusal | null = null

beforeAll(async () => {
  server = await startServer()
  await openNode()
  host = await newPerson(server, 'Host')
  const room = await host.client.api.rooms.create.mutate({ title: 'Seats', visibility: 'public', hosting: 'relay' })
  roomId = room.roomId
  await host.client.api.rooms.goLive.mutate({ roomId })
})
afterAll(async () => {
  await node.close()
  await cleanUp()
})

async function openNode(): Promise<void> {
  node = startFakeNode(server, {
    credential: { relayKey: server.relayKey },
    answer: (request) => {
      if (request.type === 'join' && refuseOffers !== null) throw refuseOffers
      return undefined
    },
    snapshots: true,
  })
  await node.up()
}

/** Another browser of the same account. */
const anotherBrowser = (person: TestPerson) => connect(server, { authorization: `Bearer ${person.bearer}` })

const join = (client: ServerClient, seat?: string) =>
  client.api.rooms.join.mutate({ roomId, ...(seat !== undefined && { seat }) })
const offer = (client: ServerClient, { token }: Admission) => client.api.rooms.offer.mutate({ token, offerSdp: 'v=0' })
const act = (client: ServerClient, seat: string) =>
  client.api.rooms.act.mutate({ seat, action: { type: 'raise-hand' } })

/** Comes in as the page does: join, feed, offer. */
async function enter(client: ServerClient, seat?: string) {
  const admission = await join(client, seat)
  const feed = followRoom(client, admission.seat)
  await offer(client, admission)
  return { ...admission, feed }
}

const REPLACED = { reason: 'replaced' }

describe('one account in two browsers does not fight for its seat for ever', () => {
  it('the older page is told at once, and nothing that it keeps takes the seat back', async () => {
    const person = await newPerson(server)
    const [first, second] = [anotherBrowser(person), anotherBrowser(person)]
    const older = await enter(first)
    const beforeTakeover = await join(first, older.seat)
    const newer = await enter(second)
    expect(newer.participantId).toBe(older.participantId)
    await until(() => older.feed.outcome.completed, 'the older feed ends')
    expect(older.feed.messages.at(-1)).toEqual({ type: 'ended', reason: 'replaced' })
    expect(await reasonOf(join(first, older.seat))).toMatchObject(REPLACED)
    expect(await reasonOf(offer(first, beforeTakeover))).toMatchObject(REPLACED)
    expect(await reasonOf(act(first, older.seat))).toMatchObject(REPLACED)
    const late = followRoom(first, older.seat)
    expect(
      await reasonOf(until(() => late.outcome.error, 'a refusal').then((error) => Promise.reject(error))),
    ).toMatchObject(REPLACED)
    await act(second, newer.seat)
    expect(newer.feed.outcome).toEqual({ completed: false, error: null })
  })

  it('the older page that comes in again by hand is the newest again', async () => {
    const person = await newPerson(server)
    const [first, second] = [anotherBrowser(person), anotherBrowser(person)]
    await enter(first)
    const newer = await enter(second)
    const again = await enter(first)
    await until(() => newer.feed.outcome.completed, 'the other feed ends')
    expect(await reasonOf(join(second, newer.seat))).toMatchObject(REPLACED)
    await act(first, again.seat)
  })

  it('a reload and a reconnect are the same visit', async () => {
    const person = await newPerson(server)
    const page = anotherBrowser(person)
    const before = await enter(page)
    const after = await enter(page, before.seat)
    await offer(page, await join(page, after.seat))
    await act(page, before.seat)
    expect(before.feed.outcome).toEqual({ completed: false, error: null })
    expect(after.feed.outcome).toEqual({ completed: false, error: null })
  })

  it('a browser that does not get in pushes nobody out', async () => {
    const person = await newPerson(server)
    const [first, second] = [anotherBrowser(person), anotherBrowser(person)]
    const older = await enter(first)
    const newer = await join(second)
    refuseOffers = new Refusal('media-failed', 'no')
    expect(await reasonOf(offer(second, newer))).toMatchObject({ reason: 'media-failed' })
    refuseOffers = null
    await act(first, older.seat)
    expect(older.feed.outcome).toEqual({ completed: false, error: null })
  })

  it('guests of the same browser are each their own', async () => {
    const guest = connect(server)
    const [one, other] = [
      await guest.api.rooms.join.mutate({ roomId, name: 'One' }),
      await guest.api.rooms.join.mutate({ roomId, name: 'Other' }),
    ]
    await offer(guest, one)
    await offer(guest, other)
    await act(guest, one.seat)
    await act(guest, other.seat)
  })

  it('after a restart of the server a seat is taken as it is, and the newest offer counts', async () => {
    const person = await newPerson(server)
    const page = anotherBrowser(person)
    const { seat } = await enter(page)
    const closed = await host.client.api.rooms.create.mutate({ title: 'P', visibility: 'private', hosting: 'relay' })
    await host.client.api.rooms.goLive.mutate({ roomId: closed.roomId })
    const asGuest = { roomId: closed.roomId, invite: closed.inviteCode ?? '', name: 'G' }
    const invited = await connect(server).api.rooms.join.mutate(asGuest)
    await node.close()
    await server.stop()
    server = await startServer({ dataFolder: server.dataFolder, databaseUrl: server.databaseUrl })
    await openNode()
    const back = anotherBrowser(person)
    await until(async () => (await back.api.rooms.get.query({ roomId })).nodeUp, 'the room is back')
    const again = connect(server).api.rooms.join.mutate({ roomId: closed.roomId, seat: invited.seat })
    expect(await again).toMatchObject({ participantId: invited.participantId })
    const kept = await enter(back, seat)
    await act(back, seat)
    await enter(anotherBrowser(person))
    await until(() => kept.feed.outcome.completed, 'the older feed ends')
    expect(await reasonOf(act(back, seat))).toMatchObject(REPLACED)
  })
})
