import type { NodeId } from '../../sfu-core/contract/ids.ts'
import type { NodeAnswer } from '../../sfu-core/contract/node-protocol.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { Admission, OfferAnswer, Person } from '../contract/views.ts'
import type { SeatClaims } from '../tokens.ts'
import { type Entrant, entrantFor, roleFor } from './admission.ts'
import { type Caller, whoCalls } from './caller.ts'
import type { LiveRoom } from './live-room.ts'
import { findRoom } from './room-lookup.ts'
import type { RoomRecord } from './room-record.ts'
import { viewOf } from './room-view.ts'
import type { RoomsApi } from './rooms.api.ts'
import type { RoomsDeps } from './rooms.ts'
import { assertMayEnter, isOfThisPeriod } from './visibility.ts'
import { assertGoesOn } from './visits.ts'

type Entry = Pick<RoomsApi, 'join' | 'offer' | 'candidates' | 'act'>

/** Entering a room and acting in it. */
export function createEntry(deps: RoomsDeps): Entry {
  return {
    async join(caller, input) {
      await deps.limits.join(caller.address)
      const { record, live } = await findRoom(deps, input.roomId)
      const who = await whoCalls(caller, live !== null)
      const { person } = who
      const seat = usable(record, await seatFrom(deps, input.seat, record.roomId), who)
      assertMayEnter(record, { person, invite: input.invite, seat })
      const room = assertCanBeHeard(live)
      const entrant = entrantFor({ room: record, person, seat, name: input.name, secret: deps.seatSecret })
      if (room.isRemoved(entrant.participantId)) throw new Refusal('removed', 'The host removed you from this room.')
      assertGoesOn(room, entrant)
      return admit(deps, { room, entrant, person })
    },
    async offer(caller, { token, offerSdp }) {
      await deps.limits.offer(caller.address)
      const { room, claims } = await admitted(deps, token)
      const { roomId, nodeId } = claims
      const session = deps.registry.sessionOrRefuse(nodeId)
      const answer = offerAnswerOf((await session.ask({ type: 'join', token, roomId, offerSdp })).value)
      // Again: a newer visit may have come in meanwhile.
      assertGoesOn(room, claims)
      // A guest's seat is known to one page only.
      if (!claims.guest) room.beginVisit(claims.participantId, claims.sid)
      return answer
    },
    async candidates(caller, { token, lines }) {
      await deps.limits.candidates(caller.address)
      const { claims } = await admitted(deps, token)
      const { roomId, nodeId, participantId } = claims
      await deps.registry.sessionOrRefuse(nodeId).ask({ type: 'candidates', roomId, participantId, lines })
      return null
    },
    async act(_caller, { seat, action }) {
      const claims = await deps.tokens.seat.verify(seat)
      const { roomId, participantId } = claims
      await deps.limits.act(participantId)
      const room = assertLive(deps.liveRooms.get(roomId))
      assertOfThisPeriod(room, claims)
      assertGoesOn(room, claims)
      await deps.registry.sessionOrRefuse(room.nodeId).ask({ type: 'act', roomId, participantId, action })
      return null
    },
  }
}

/** @throws Refusal where the token was not given for this room as it is now. */
async function admitted(deps: RoomsDeps, token: string) {
  const claims = await deps.tokens.room.verify(token)
  const room = assertLive(deps.liveRooms.get(claims.roomId))
  if (room.nodeId !== claims.nodeId) {
    throw new Refusal('token-wrong-node', 'The room has moved to another computer: join again.')
  }
  assertOfThisPeriod(room, claims)
  assertGoesOn(room, claims)
  return { room, claims }
}

/** A seat that is not one of this room's, or not any more, counts as none. */
async function seatFrom(deps: RoomsDeps, seat: string | undefined, roomId: string): Promise<SeatClaims | null> {
  if (seat === undefined) return null
  const claims = await deps.tokens.seat.verify(seat).catch(() => null)
  return claims?.roomId === roomId ? claims : null
}

/**
 * An account's seat needs the account's session beside it, so that a seat left in a tab opens nothing after
 * signing out. While the database cannot be asked the seat alone counts: people come back into a live room, in the
 * same live period. A guest's seat of an earlier one still says who they were.
 */
function usable(record: RoomRecord, seat: SeatClaims | null, { person, known }: Caller): SeatClaims | null {
  if (seat === null || seat.userId === null) return seat
  if (!known) return isOfThisPeriod(record, seat) ? seat : null
  return person?.userId === seat.userId ? seat : null
}

async function admit(
  deps: RoomsDeps,
  { room, entrant, person }: { room: LiveRoom; entrant: Entrant; person: Person | null },
): Promise<Admission> {
  const { roomId } = room.record
  const { participantId, name, userId, sid } = entrant
  const nodeId: NodeId = room.nodeId
  const liveSinceMs = room.record.liveSinceMs ?? 0
  const role = roleFor(room.record, entrant)
  const [token, seat] = await Promise.all([
    deps.tokens.room.sign({ roomId, participantId, nodeId, role, name, guest: userId === null, sid, liveSinceMs }),
    deps.tokens.seat.sign({ roomId, participantId, name, userId, sid, liveSinceMs }),
  ])
  return { token, seat, participantId, nodeId, room: viewOf(room.record, room, person) }
}

function assertLive(room: LiveRoom | null): LiveRoom {
  if (room !== null) return room
  throw new Refusal('room-not-live', 'The room is not live.')
}

/** What was given for an earlier live period opens nothing of this one. */
function assertOfThisPeriod({ record }: LiveRoom, claims: Pick<SeatClaims, 'roomId' | 'liveSinceMs'>): void {
  if (isOfThisPeriod(record, claims)) return
  throw new Refusal('seat-unknown', 'The room ended and is live anew: join again.')
}

function assertCanBeHeard(live: LiveRoom | null): LiveRoom {
  const room = assertLive(live)
  if (room.nodeUp) return room
  throw new Refusal('node-gone', 'The computer that runs this room cannot be reached at the moment.')
}

function offerAnswerOf(value: Extract<NodeAnswer, { ok: true }>['value']): OfferAnswer {
  if (value !== null && 'answerSdp' in value) return value
  throw new Refusal('server-error', 'The node answered a join without a description.')
}
