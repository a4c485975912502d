import { describe, expect, it } from 'vitest'
import { nodeIdSchema, type RoomId, roomIdSchema } from '../../sfu-core/contract/ids.ts'
import { NODE_MAX_ROOMS } from '../../sfu-core/contract/limits.ts'
import type { NodeAnswer, NodeRequest } from '../../sfu-core/contract/node-protocol.ts'
import type { Connection } from '../call-context.ts'
import { LIVE_ROOMS_PER_HOST_MAX } from '../limits.ts'
import { NodeRegistry } from '../nodes/node-registry.ts'
import { LiveRooms } from './live-rooms.ts'
import { aRecord, state } from './room-fixtures.ts'
import { createLifecycle } from './room-lifecycle.ts'
import type { RoomRecord } from './room-record.ts'
import type { RoomsDeps } from './rooms.ts'

const OK: NodeAnswer = { ok: true, value: null }
const BUSY: NodeAnswer = { ok: false, reason: 'node-busy', detail: 'no' }
const id = (text: string) => roomIdSchema.parse(text)
const caller = {
  person: async () => ({ userId: 'user1', name: 'Host', email: '' }),
} as Partial<Connection> as Connection

/** Rooms of one host in memory; relays that answer as they are told. */
function setUp(rooms: string[] = ['room1']) {
  const records = new Map<RoomId, RoomRecord>(
    rooms.map((name) => [id(name), aRecord({ roomId: id(name), status: 'draft', liveSinceMs: null })]),
  )
  const registry = new NodeRegistry(() => 0)
  const liveRooms = new LiveRooms()
  const store: Partial<RoomsDeps['store']> = {
    find: async (roomId) => records.get(roomId) ?? null,
    update: async (roomId, change) => {
      records.set(roomId, { ...(records.get(roomId) ?? aRecord()), ...change })
    },
  }
  const deps: Partial<RoomsDeps> = { registry, liveRooms, store: store as RoomsDeps['store'], nowMs: () => 1_000 }
  const lifecycle = createLifecycle(deps as RoomsDeps)
  const relay = (name: string, load = { rooms: 0, participants: 0 }) => {
    const nodeId = nodeIdSchema.parse(name)
    const session = registry.register(
      { nodeId, kind: 'relay', ownerId: null, name, takeStorage: 'shared', stunServers: [] },
      name,
    )
    const node = { nodeId, session, answer: OK, asked: [] as NodeRequest[] }
    session.heartbeat = { ...load, cpuUs: 0, residentBytes: 0 }
    const serve = async () => {
      for await (const { requestId, request } of session.requests(new AbortController().signal)) {
        node.asked.push(request)
        session.answer(requestId, node.answer)
      }
    }
    void serve()
    return node
  }
  const goLive = (roomId = 'room1') => lifecycle.goLive(caller, { roomId: id(roomId) })
  return { registry, liveRooms, relay, goLive }
}

const types = (requests: NodeRequest[]) => requests.map((request) => request.type)

describe('going live', () => {
  it('a room whose new node did not open it is not stuck: it is asked again', async () => {
    const { relay, goLive, liveRooms, registry } = setUp()
    const first = relay('r1')
    await goLive()
    first.session.end('closed')
    liveRooms.get(id('room1'))?.setNodeUp(false)
    registry.connectionClosed('r1')
    const second = relay('r2')
    second.answer = BUSY
    await expect(goLive()).rejects.toMatchObject({ code: 'node-busy' })
    expect(liveRooms.get(id('room1'))).toMatchObject({ nodeId: 'r2', nodeUp: false })
    second.answer = OK
    await goLive()
    expect(types(second.asked)).toEqual(['open-room', 'open-room'])
    liveRooms.get(id('room1'))?.publish(state(0, []))
    await goLive()
    expect(second.asked).toHaveLength(2)
  })

  it('a room that moves is closed on its old node', async () => {
    const { relay, goLive, liveRooms } = setUp()
    const first = relay('r1')
    await goLive()
    liveRooms.get(id('room1'))?.setNodeUp(false)
    first.session.heartbeat = { rooms: 1, participants: 9, cpuUs: 0, residentBytes: 0 }
    const second = relay('r2')
    await goLive()
    expect(types(second.asked)).toEqual(['open-room'])
    expect(types(first.asked)).toEqual(['open-room', 'close-room'])
  })

  it('says that all relays are full, not that none is there', async () => {
    const { relay, goLive } = setUp()
    await expect(goLive()).rejects.toMatchObject({ code: 'no-relay' })
    relay('r1', { rooms: NODE_MAX_ROOMS, participants: 0 })
    await expect(goLive()).rejects.toMatchObject({ code: 'node-busy' })
  })

  it('one host has a bounded number of live rooms, also when asked all at once', async () => {
    const names = Array.from({ length: LIVE_ROOMS_PER_HOST_MAX + 3 }, (_, n) => `room${n}`)
    const { relay, goLive, liveRooms } = setUp(names)
    relay('r1')
    const outcomes = await Promise.allSettled(names.map((name) => goLive(name)))
    const refused = outcomes.filter((one) => one.status === 'rejected')
    expect(refused.map((one) => one.reason.code)).toEqual(Array(3).fill('too-many-requests'))
    expect(liveRooms.all()).toHaveLength(LIVE_ROOMS_PER_HOST_MAX)
  })
})
