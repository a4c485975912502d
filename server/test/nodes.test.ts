import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeIdSchema, roomIdSchema } from '../../sfu-core/contract/ids.ts'
import { EMPTY_ROOM_STATE } from '../../sfu-core/contract/state.ts'
import type { RoomFeed } from '../contract/views.ts'
import { person } from '../rooms/room-fixtures.ts'
import { startFakeNode } from './fake-node.ts'
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
let host: TestPerson

beforeAll(async () => {
  server = await startServer()
  host = await newPerson(server, 'Host')
})
afterAll(cleanUp)

const relay = (name: string, more: Partial<Parameters<typeof startFakeNode>[1]> = {}) =>
  startFakeNode(server, {
    credential: { relayKey: server.relayKey },
    registration: { kind: 'relay', name, version: '0', takeStorage: 'shared' },
    ...more,
  })
const newRoom = (hosting: 'relay' | 'desktop' = 'relay') =>
  host.client.api.rooms.create.mutate({ title: 'A room', visibility: 'public', hosting })

describe('a node', () => {
  it('with a wrong key or token is refused for good', async () => {
    const wrongKey = startFakeNode(server, { credential: { relayKey: 'a-wrong-key-that-is-long' } })
    const wrongToken = startFakeNode(server, {
      credential: { nodeToken: 'nonsense' },
      registration: { kind: 'desktop' },
    })
    await until(() => wrongKey.states.at(-1)?.state === 'refused', 'refused')
    expect(wrongKey.states.at(-1)).toMatchObject({ reason: 'not-allowed' })
    await until(() => wrongToken.states.at(-1)?.state === 'refused', 'refused')
    expect(wrongToken.states.at(-1)).toMatchObject({ reason: 'token-malformed' })
  })

  it('people cannot act as one', async () => {
    const heartbeat = { rooms: 0, participants: 0, cpuUs: 0, residentBytes: 0 }
    expect(await reasonOf(host.client.api.nodes.heartbeat.mutate(heartbeat))).toMatchObject({ reason: 'node-unknown' })
    const registration = { kind: 'relay', name: 'x', version: '0', takeStorage: 'shared' } as const
    expect(await reasonOf(host.client.api.nodes.register.mutate(registration))).toMatchObject({
      reason: 'sign-in-needed',
    })
  })

  it('without a relay nothing goes live', async () => {
    const { roomId } = await newRoom()
    expect(await reasonOf(host.client.api.rooms.goLive.mutate({ roomId }))).toMatchObject({ reason: 'no-relay' })
  })

  it('a desktop hosts rooms of its owner only', async () => {
    const { nodeId, nodeToken } = await host.client.api.nodes.enroll.mutate({ name: 'My PC' })
    expect((await host.client.api.nodes.enroll.mutate({ name: 'My PC' })).nodeId).toBe(nodeId)
    const desktop = startFakeNode(server, {
      credential: { nodeToken },
      registration: { kind: 'desktop', takeStorage: 'kept' },
    })
    await desktop.up()
    expect(desktop.welcomes[0]?.nodeToken).toBeTruthy()
    const room = await newRoom('desktop')
    const { roomId } = room
    expect(await reasonOf(host.client.api.rooms.goLive.mutate({ roomId }))).toMatchObject({ reason: 'node-gone' })
    expect(await host.client.api.rooms.goLive.mutate({ roomId, nodeId })).toMatchObject({ status: 'live' })
    const other = await newPerson(server, 'Other')
    const theirs = await other.client.api.rooms.create.mutate({ title: 'x', visibility: 'public', hosting: 'desktop' })
    const call = other.client.api.rooms.goLive.mutate({ roomId: theirs.roomId, nodeId })
    expect(await reasonOf(call)).toMatchObject({ reason: 'not-allowed' })
    const nobody = host.client.api.rooms.goLive.mutate({
      roomId: (await newRoom('desktop')).roomId,
      nodeId: nodeIdSchema.parse('dnobody'),
    })
    expect(await reasonOf(nobody)).toMatchObject({ reason: 'node-gone' })
    await desktop.close()
  })

  it('publishes of its own rooms only', async () => {
    const [one, two] = [relay('one'), relay('two')]
    await Promise.all([one.up(), two.up()])
    const { roomId } = await newRoom()
    await host.client.api.rooms.goLive.mutate({ roomId })
    const [owner, stranger] = one.requests.length > 0 ? [one, two] : [two, one]
    const publication = {
      roomId,
      epoch: 'x',
      seq: 0,
      body: { type: 'state', state: EMPTY_ROOM_STATE },
    } as const
    await expect(stranger.link.publish(publication)).rejects.toMatchObject({ code: 'room-not-live' })
    await expect(stranger.link.publish({ ...publication, roomId: roomIdSchema.parse('none') })).rejects.toMatchObject({
      code: 'room-not-live',
    })
    await expect(owner.link.publish(publication)).resolves.toBeUndefined()
    await Promise.all([one.close(), two.close()])
  })

  it('that goes is told to its rooms within 5 s, that comes back too, with its seats', async () => {
    const node = relay('leaving', { snapshots: true })
    await node.up()
    const { roomId } = await newRoom()
    await host.client.api.rooms.goLive.mutate({ roomId })
    await node.tell(roomId, [{ type: 'participant', participant: person('speaker', { onStage: true }) }])
    const { seat } = await host.client.api.rooms.join.mutate({ roomId })
    const feed: { atMs: number; message: RoomFeed }[] = []
    const subscription = host.client.api.rooms.events.subscribe(
      { seat },
      { onData: ({ data }) => feed.push({ atMs: performance.now(), message: data }) },
    )
    await until(() => feed.length > 0, 'the state')
    const goneAtMs = performance.now()
    await node.close()
    const down = await until(
      () => feed.find(({ message }) => message.type === 'node' && !message.up),
      'node down',
      6_000,
    )
    expect(down.atMs - goneAtMs).toBeLessThan(5_000)
    expect(await reasonOf(host.client.api.rooms.join.mutate({ roomId }))).toMatchObject({ reason: 'node-gone' })
    expect((await host.client.api.rooms.live.query()).map((room) => room.roomId)).not.toContain(roomId)

    const back = relay('leaving')
    await back.up()
    expect(back.welcomes[0]?.rooms).toMatchObject([{ roomId, snapshot: { seats: [{ id: 'speaker' }] } }])
    await until(() => feed.some(({ message }) => message.type === 'node' && message.up), 'node up')
    expect(await host.client.api.rooms.join.mutate({ roomId })).toMatchObject({ room: { nodeUp: true } })
    subscription.unsubscribe()
    await back.close()
  })

  it('that falls silent is gone, and is taken back when it speaks again', async () => {
    const node = relay('silent')
    await node.up()
    const { roomId } = await newRoom()
    await host.client.api.rooms.goLive.mutate({ roomId })
    node.fallSilent()
    const isUp = async () => (await host.client.api.rooms.get.query({ roomId })).nodeUp
    await until(async () => !(await isUp()), 'it counts as gone', 6_000)
    await node.link.heartbeat({ rooms: 0, participants: 0, cpuUs: 0, residentBytes: 0 }).catch(() => {})
    await until(() => node.welcomes.length === 2, 'it registers again')
    await until(isUp, 'its room can be heard again')
    await node.close()
  })

  it('registered twice: the first is told that it was replaced', async () => {
    const first = relay('twin')
    await first.up()
    const second = relay('twin')
    await second.up()
    await until(() => first.states.at(-1)?.state === 'refused', 'the first is refused')
    expect(first.states.at(-1)).toMatchObject({ reason: 'replaced' })
    await second.close()
  })

  it('whose answers fail hands its reason on; a lost relay’s room moves to another when the host goes live again', async () => {
    const stubborn = relay('stubborn', {
      answer: (request) => (request.type === 'act' ? { ok: false, reason: 'not-on-stage', detail: 'no' } : undefined),
    })
    await stubborn.up()
    const { roomId } = await newRoom()
    await host.client.api.rooms.goLive.mutate({ roomId })
    const { seat } = await host.client.api.rooms.join.mutate({ roomId })
    const act = host.client.api.rooms.act.mutate({ seat, action: { type: 'leave-stage' } })
    expect(await reasonOf(act)).toMatchObject({ reason: 'not-on-stage', message: 'no' })
    await stubborn.close()
    const other = relay('other')
    await other.up()
    await until(async () => {
      await host.client.api.rooms.goLive.mutate({ roomId })
      return other.requests.some((request) => request.type === 'open-room' && request.room.roomId === roomId)
    }, 'it moves')
    expect(await host.client.api.rooms.join.mutate({ roomId })).toMatchObject({ nodeId: other.welcomes[0]?.nodeId })
    await other.close()
  })
})

describe('a restart of the whole server', () => {
  it('gives a relay its live rooms back, with the seats', async () => {
    const own = await startServer()
    const me = await newPerson(own, 'Host')
    const node = startFakeNode(own, { credential: { relayKey: own.relayKey }, snapshots: true })
    await node.up()
    const { roomId } = await me.client.api.rooms.create.mutate({
      title: 'Kept',
      visibility: 'public',
      hosting: 'relay',
    })
    await me.client.api.rooms.goLive.mutate({ roomId })
    await node.tell(roomId, [{ type: 'participant', participant: person('speaker', { onStage: true, muted: true }) }])
    await node.close()
    const { dataFolder, databaseUrl } = own
    expect(await own.stop()).toBe(0)

    const again = await startServer({ dataFolder, databaseUrl })
    const guest = connect(again)
    expect(await guest.api.rooms.get.query({ roomId })).toMatchObject({ status: 'live', nodeUp: false })
    const back = startFakeNode(again, { credential: { relayKey: again.relayKey } })
    await back.up()
    expect(back.welcomes[0]?.rooms).toMatchObject([
      { roomId, title: 'Kept', snapshot: { seats: [{ id: 'speaker', onStage: true, muted: true }] } },
    ])
    await until(async () => (await guest.api.rooms.get.query({ roomId })).nodeUp, 'the room can be heard')
    await back.close()
  })
})
