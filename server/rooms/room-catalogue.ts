import { nanoid } from 'nanoid'
import { roomIdSchema } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { Person } from '../contract/views.ts'
import { ROOM_LIST_MAX, ROOMS_PER_PERSON_MAX } from '../limits.ts'
import { signedIn } from '../people/people.ts'
import { personOrGuest } from './caller.ts'
import { findOwnRoom, findRoom } from './room-lookup.ts'
import type { RoomRecord } from './room-record.ts'
import { viewOf } from './room-view.ts'
import type { RoomsApi } from './rooms.api.ts'
import type { RoomsDeps } from './rooms.ts'
import { assertMayEnter } from './visibility.ts'

type Catalogue = Pick<RoomsApi, 'create' | 'get' | 'mine' | 'live' | 'renewInvite'>

/** 71 bits: not to be guessed, and short in a link. */
const ROOM_ID_CHARS = 12
/** 126 bits. */
const INVITE_CODE_CHARS = 21

/** Making and finding rooms. */
export function createCatalogue(deps: RoomsDeps): Catalogue {
  const { store, liveRooms } = deps
  return {
    async create(caller, input) {
      const person = await signedIn(caller)
      assertCanBeKept(input)
      await deps.limits.createRoom(person.userId)
      if ((await store.countOfHost(person.userId)) >= ROOMS_PER_PERSON_MAX) {
        throw new Refusal('not-allowed', `One person can have at most ${ROOMS_PER_PERSON_MAX} rooms.`)
      }
      const record = newRoom(person, input, deps.nowMs())
      await store.insert(record)
      return viewOf(record, null, person)
    },
    async get(caller, { roomId, invite }) {
      const { record, live } = await findRoom(deps, roomId)
      const person = await personOrGuest(caller, live !== null)
      assertMayEnter(record, { person, invite, seat: null })
      return viewOf(record, live, person)
    },
    async mine(caller) {
      const person = await signedIn(caller)
      const records = await store.ofHost(person.userId)
      return records.map((record) => {
        const live = liveRooms.get(record.roomId)
        return viewOf(live?.record ?? record, live, person)
      })
    },
    async live(caller) {
      const person = await personOrGuest(caller, true)
      return liveRooms
        .listed()
        .slice(-ROOM_LIST_MAX)
        .map((room) => viewOf(room.record, room, person))
    },
    async renewInvite(caller, { roomId }) {
      const { record, live, person } = await findOwnRoom(deps, caller, roomId)
      const renewed = { ...record, inviteCode: nanoid(INVITE_CODE_CHARS) }
      await store.update(roomId, { inviteCode: renewed.inviteCode })
      if (live !== null) live.record = renewed
      return viewOf(renewed, live, person)
    },
  }
}

/** @throws Refusal `input-invalid`. */
function assertCanBeKept({ hosting, recordingsKept }: Pick<RoomRecord, 'hosting' | 'recordingsKept'>): void {
  if (recordingsKept === 'server' || hosting === 'desktop') return
  throw new Refusal('input-invalid', "Only a room on the host's own computer can keep its recordings there.")
}

function newRoom(
  person: Person,
  input: Pick<RoomRecord, 'title' | 'description' | 'visibility' | 'hosting' | 'recordingsKept' | 'audiencePacketMs'>,
  nowMs: number,
): RoomRecord {
  return {
    ...input,
    roomId: roomIdSchema.parse(nanoid(ROOM_ID_CHARS)),
    hostId: person.userId,
    hostName: person.name,
    status: 'draft',
    nodeId: null,
    inviteCode: nanoid(INVITE_CODE_CHARS),
    createdAtMs: nowMs,
    liveSinceMs: null,
    endedAtMs: null,
    snapshot: null,
  }
}
