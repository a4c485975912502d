import type { NodeId, RoomId } from '../../sfu-core/contract/ids.ts'
import { type ReasonCode, Refusal } from '../../sfu-core/contract/reasons.ts'
import { LIVE_ROOMS_PER_HOST_MAX } from '../limits.ts'
import type { NodeSession } from '../nodes/node-session.ts'
import { signedIn } from '../people/people.ts'
import type { LiveRoom } from './live-room.ts'
import { openRoomOf } from './live-room.ts'
import { type FoundRoom, findOwnRoom } from './room-lookup.ts'
import type { RoomRecord } from './room-record.ts'
import { viewOf } from './room-view.ts'
import type { RoomsApi } from './rooms.api.ts'
import type { RoomsDeps } from './rooms.ts'

export interface RoomLifecycle extends Pick<RoomsApi, 'goLive' | 'end'> {
  /** The node ended the room by itself. */
  endByNode(room: LiveRoom, reason: ReasonCode): Promise<void>
}

/** Going live and ending. What happens to one room happens one after the other. */
export function createLifecycle(deps: RoomsDeps): RoomLifecycle {
  const inTurn = createTurns<RoomId>()
  const hostInTurn = createTurns<string>()
  return {
    async goLive(caller, { roomId, nodeId }) {
      const { userId } = await signedIn(caller)
      // One room of a host after the other: their live rooms are counted.
      return hostInTurn(userId, () =>
        inTurn(roomId, async () => {
          const found = await findOwnRoom(deps, caller, roomId)
          const live = await goLive(deps, found, nodeId)
          return viewOf(live.record, live, found.person)
        }),
      )
    },
    end: (caller, { roomId }) =>
      inTurn(roomId, async () => {
        const { record, live, person } = await findOwnRoom(deps, caller, roomId)
        if (live === null) return viewOf(record, null, person)
        const ended = await end(deps, live, 'room-ended')
        closeOnNode(deps, live, 'room-ended')
        return viewOf(ended, null, person)
      }),
    endByNode: (room, reason) =>
      inTurn(room.record.roomId, async () => {
        if (deps.liveRooms.get(room.record.roomId) === room) await end(deps, room, reason)
      }),
  }
}

/**
 * A room that is live already stays where it is while its node is there; where that is lost, the room moves
 * with the seats it had.
 */
async function goLive(deps: RoomsDeps, { record, live }: FoundRoom, wish: NodeId | undefined): Promise<LiveRoom> {
  if (live !== null && mayStay(deps, live, wish)) return live
  if (live === null) assertMayHaveMore(deps, record.hostId)
  const session = nodeFor(deps, record, wish)
  const { nodeId } = session.identity
  const change = {
    status: 'live' as const,
    nodeId,
    liveSinceMs: live?.record.liveSinceMs ?? deps.nowMs(),
    endedAtMs: null,
    snapshot: live?.snapshot ?? null,
  }
  await deps.store.update(record.roomId, change)
  // Before the node opens it: its first publication may arrive before its answer.
  const room = assign(deps, { record: { ...record, ...change }, live, nodeId })
  try {
    await session.ask({ type: 'open-room', room: openRoomOf(room) })
  } catch (error) {
    if (live === null) await putBack(deps, room, record)
    throw error
  }
  return room
}

function assign(deps: RoomsDeps, { record, live, nodeId }: FoundRoom & { nodeId: NodeId }): LiveRoom {
  const { liveRooms } = deps
  if (live === null) return liveRooms.add(record, { nodeId, nodeUp: true })
  // One that comes back to it later opens it from the snapshot, not as it was left here.
  if (live.nodeId !== nodeId) closeOnNode(deps, live, 'replaced')
  live.record = record
  live.moveTo(nodeId)
  liveRooms.touch(live)
  return live
}

/** The room did not open: it is again what it was. */
async function putBack(deps: RoomsDeps, room: LiveRoom, before: RoomRecord): Promise<void> {
  deps.liveRooms.remove(room, 'node-gone')
  const { status, nodeId, liveSinceMs, endedAtMs, snapshot } = before
  await deps.store.update(before.roomId, { status, nodeId, liveSinceMs, endedAtMs, snapshot }).catch(() => {})
}

/** @throws Refusal `too-many-requests`. */
function assertMayHaveMore({ liveRooms }: RoomsDeps, hostId: string): void {
  if (liveRooms.ofHost(hostId).length < LIVE_ROOMS_PER_HOST_MAX) return
  const sentence = `One person can have at most ${LIVE_ROOMS_PER_HOST_MAX} live rooms at a time: end one first.`
  throw new Refusal('too-many-requests', sentence)
}

/** Not where its node is there but did not open it: that is asked again. */
function mayStay({ registry }: RoomsDeps, live: LiveRoom, wish: NodeId | undefined): boolean {
  const elsewhere = wish !== undefined && wish !== live.nodeId
  return !elsewhere && live.nodeUp && registry.isThere(live.nodeId)
}

/** @throws Refusal `no-relay`, `node-busy` (all are full), `node-gone` or `not-allowed` (another person's computer). */
function nodeFor({ registry }: RoomsDeps, record: RoomRecord, wish: NodeId | undefined): NodeSession {
  if (record.hosting === 'relay') {
    const relay = registry.leastBusyRelay()
    if (relay !== null) return relay
    if (registry.hasRelay())
      throw new Refusal('node-busy', 'Every relay runs as many rooms as it can: try again later.')
    throw new Refusal('no-relay', 'No relay is connected to this server at the moment.')
  }
  if (wish === undefined) throw new Refusal('node-gone', 'Start hosting on your computer first.')
  const session = registry.sessionOrRefuse(wish)
  if (session.identity.kind === 'desktop' && session.identity.ownerId === record.hostId) return session
  throw new Refusal('not-allowed', "Rooms can be hosted on one's own computer only.")
}

/** First in the database, so that it does not come back; then for its people. */
async function end(deps: RoomsDeps, room: LiveRoom, reason: ReasonCode): Promise<RoomRecord> {
  const { audiencePacketMs } = room.record
  // With what the host chose meanwhile: the snapshots' writer forgets the room.
  const change = { status: 'ended' as const, endedAtMs: deps.nowMs(), snapshot: null, audiencePacketMs }
  await deps.store.update(room.record.roomId, change)
  deps.liveRooms.remove(room, reason)
  return { ...room.record, ...change }
}

/** A node that is not there learns it from its next welcome, which does not name the room. */
function closeOnNode({ registry }: RoomsDeps, room: LiveRoom, reason: ReasonCode): void {
  const { roomId } = room.record
  registry
    .session(room.nodeId)
    ?.ask({ type: 'close-room', roomId, reason })
    .catch(() => {})
}

/** Runs tasks of one key one after the other. */
function createTurns<K>(): <T>(key: K, task: () => Promise<T>) => Promise<T> {
  const last = new Map<K, Promise<unknown>>()
  return (key, task) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(task, task)
    const settled = turn.catch(() => {})
    last.set(key, settled)
    void settled.then(() => {
      if (last.get(key) === settled) last.delete(key)
    })
    return turn
  }
}
