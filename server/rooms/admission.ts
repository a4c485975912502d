import { createHmac, randomBytes } from 'node:crypto'
import { type ParticipantId, participantIdSchema, type RoomId } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { RoomClaims } from '../../sfu-core/contract/token.ts'
import type { Person } from '../contract/views.ts'
import type { SeatClaims } from '../tokens.ts'
import type { RoomRecord } from './room-record.ts'

/** Who comes into a room, before the node has seen them. */
export interface Entrant {
  participantId: ParticipantId
  name: string
  userId: string | null
  /** Which visit of theirs it is (visits.ts): the one of the seat, or a new one. */
  sid: string
}

export interface EntrantFacts {
  room: RoomRecord
  person: Person | null
  /** A valid seat of this room. */
  seat: SeatClaims | null
  /** What a guest calls themselves. */
  name: string | undefined
  /** Makes participant ids out of accounts. */
  secret: string
}

const GUEST_ID_BYTES = 12
const VISIT_ID_BYTES = 12

/**
 * An account has one seat per room, so that a second tab takes over and a reload comes back; a guest comes
 * back by the seat that their tab kept, else gets a new one.
 * @throws Refusal `name-needed` for a new guest without a name.
 */
export function entrantFor({ room, person, seat, name, secret }: EntrantFacts): Entrant {
  if (person !== null) {
    const participantId = seatOfAccount(room.roomId, person.userId, secret)
    const sid = seat?.participantId === participantId ? seat.sid : newVisitId()
    return { participantId, name: person.name, userId: person.userId, sid }
  }
  if (seat !== null) {
    const { participantId, userId, sid } = seat
    return { participantId, name: name ?? seat.name, userId, sid }
  }
  if (name === undefined) throw new Refusal('name-needed', 'Tell your name, or sign in.')
  const participantId = participantIdSchema.parse(`g${randomBytes(GUEST_ID_BYTES).toString('base64url')}`)
  return { participantId, name, userId: null, sid: newVisitId() }
}

function newVisitId(): string {
  return randomBytes(VISIT_ID_BYTES).toString('base64url')
}

function seatOfAccount(roomId: RoomId, userId: string, secret: string): ParticipantId {
  const digest = createHmac('sha256', secret).update(`${roomId}\n${userId}`).digest('base64url')
  return participantIdSchema.parse(`a${digest.slice(0, 21)}`)
}

/** The role to enter with. Who is on stage, the node knows. */
export function roleFor(room: RoomRecord, entrant: Entrant): RoomClaims['role'] {
  return entrant.userId === room.hostId ? 'host' : 'listener'
}
