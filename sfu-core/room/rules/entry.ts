import type { ParticipantId } from '../../contract/ids.ts'
import { ROOM_MAX_PARTICIPANTS } from '../../contract/limits.ts'
import type { ReasonCode, Refusal } from '../../contract/reasons.ts'
import type { Participant } from '../../contract/state.ts'
import type { Role, RoomClaims } from '../../contract/token.ts'
import { change, type Outcome, type RoomView, refuse, stageIsFull } from './room-view.ts'
import { IN_AUDIENCE, ON_STAGE } from './stage.ts'

/** SPEC.md R1 to R9, R80 to R87. */

export type Entrant = Pick<RoomClaims, 'participantId' | 'role' | 'name' | 'guest'>

const RANK_OF: Record<Role, Participant['rank']> = {
  host: 'host',
  'co-host': 'co-host',
  speaker: 'member',
  listener: 'member',
}

/**
 * Seats somebody, or gives them back the seat that is kept for them.
 * `comingCount`: newcomers who were let in and whose audio is being set up; they count for the limit.
 */
export function enter(room: RoomView, entrant: Entrant, comingCount = 0): Outcome | Refusal {
  if (room.removed.has(entrant.participantId)) return refuse('removed', 'removed from this room')
  const seat = room.participants.get(entrant.participantId)
  if (seat) return comeBack(seat, entrant)
  const full = room.participants.size + comingCount >= ROOM_MAX_PARTICIPANTS
  if (full && entrant.role !== 'host') return refuse('room-full', `${ROOM_MAX_PARTICIPANTS} people are in the room`)
  return { events: [{ type: 'participant', participant: newcomer(room, entrant) }] }
}

/** R80, R81: the seat has the last word on place, mute, hand and consent; the token on name and rank. */
function comeBack(seat: Participant, entrant: Entrant): Outcome {
  return change(seat, {
    name: entrant.name,
    guest: entrant.guest,
    rank: RANK_OF[entrant.role],
    connected: false,
  })
}

function newcomer(room: RoomView, entrant: Entrant): Participant {
  const place = entrant.role !== 'listener' && !stageIsFull(room) ? ON_STAGE : IN_AUDIENCE
  return {
    id: entrant.participantId,
    number: room.nextNumber,
    name: entrant.name,
    guest: entrant.guest,
    rank: RANK_OF[entrant.role],
    ...place,
    recordingConsent: false,
    connected: false,
  }
}

/** R82: the audio path came up or broke; the seat stays. */
export function setConnected(room: RoomView, participantId: ParticipantId, connected: boolean): Outcome {
  const seat = room.participants.get(participantId)
  return seat ? change(seat, { connected }) : { events: [] }
}

/** R84, R100: the seat is given up. */
export function giveUpSeat(room: RoomView, participantId: ParticipantId, reason: ReasonCode): Outcome {
  if (!room.participants.has(participantId)) return { events: [] }
  return { events: [{ type: 'left', participantId, reason }] }
}
