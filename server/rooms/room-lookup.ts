import type { RoomId } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { Connection } from '../call-context.ts'
import type { Person } from '../contract/views.ts'
import { signedIn } from '../people/people.ts'
import type { LiveRoom } from './live-room.ts'
import type { LiveRooms } from './live-rooms.ts'
import type { RoomRecord, RoomStore } from './room-record.ts'

export interface FoundRoom {
  record: RoomRecord
  /** null unless live. */
  live: LiveRoom | null
}

/** A live room is found without the database. @throws Refusal `room-not-found`. */
export async function findRoom(
  { store, liveRooms }: { store: RoomStore; liveRooms: LiveRooms },
  roomId: RoomId,
): Promise<FoundRoom> {
  const live = liveRooms.get(roomId)
  if (live !== null) return { record: live.record, live }
  const record = await store.find(roomId)
  if (record === null) throw new Refusal('room-not-found', 'There is no such room.')
  return { record, live: null }
}

/** @throws Refusal `sign-in-needed`, `room-not-found`, or `not-allowed` for anybody but the host. */
export async function findOwnRoom(
  deps: { store: RoomStore; liveRooms: LiveRooms },
  caller: Connection,
  roomId: RoomId,
): Promise<FoundRoom & { person: Person }> {
  const person = await signedIn(caller)
  const found = await findRoom(deps, roomId)
  if (found.record.hostId !== person.userId) throw new Refusal('not-allowed', 'Only the host may do that.')
  return { ...found, person }
}
