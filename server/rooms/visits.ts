import type { ParticipantId } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { VISITS_KEPT } from '../limits.ts'

/**
 * An account has one seat per room, and sits on it from one page at a time: the newest that came in. The page
 * before, in another browser, must learn that it is over, or both take the seat from each other for ever.
 * A visit begins with a join without a seat and goes on over reloads and reconnects: its id is in the seat.
 */
export class Visits {
  /** Of each account the last ones, oldest first. */
  readonly #byPerson = new Map<ParticipantId, string[]>()

  /** A newer visit has the seat. A visit that is not known (it may be of an earlier run of the server) is not over. */
  isOver(participantId: ParticipantId, visitId: string): boolean {
    const known = this.#byPerson.get(participantId) ?? []
    return known.includes(visitId) && known.at(-1) !== visitId
  }

  /** The visit has the seat from now on. To be asked before: whether it is over. */
  begin(participantId: ParticipantId, visitId: string): void {
    const known = this.#byPerson.get(participantId) ?? []
    if (known.includes(visitId)) return
    this.#byPerson.set(participantId, [...known, visitId].slice(-VISITS_KEPT))
  }
}

/** What a token or a seat says of whose visit it is. */
interface VisitClaims {
  participantId: ParticipantId
  sid: string
}

/** @throws Refusal `replaced` for a page whose account has come in from another one. */
export function assertGoesOn(
  room: { isVisitOver(participantId: ParticipantId, visitId: string): boolean },
  { participantId, sid }: VisitClaims,
): void {
  if (room.isVisitOver(participantId, sid)) throw new Refusal('replaced', 'You entered this room in another window.')
}
