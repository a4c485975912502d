import { createHash, timingSafeEqual } from 'node:crypto'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { Person } from '../contract/views.ts'
import type { SeatClaims } from '../tokens.ts'
import type { RoomRecord } from './room-record.ts'

/** What a caller can show to be let into a private room. */
export interface Credentials {
  person: Person | null
  invite: string | undefined
  seat: SeatClaims | null
}

/**
 * Public and unlisted rooms open to everybody who has their link; a private one to its host, to holders of
 * the invite code, and to those who have a seat of this live period already. A seat of an earlier one opens
 * nothing: who was removed then would come back by it, whatever the invite code is now.
 * @throws Refusal `invite-needed`.
 */
export function assertMayEnter(room: RoomRecord, { person, invite, seat }: Credentials): void {
  if (room.visibility !== 'private') return
  if (person?.userId === room.hostId || isOfThisPeriod(room, seat)) return
  if (invite !== undefined && isSameText(invite, room.inviteCode)) return
  throw new Refusal('invite-needed', 'This room opens with an invite link only.')
}

/** A room's seats are of one live period: from going live to its end. Moves and restarts of the server are within it. */
export function isOfThisPeriod(room: RoomRecord, seat: Pick<SeatClaims, 'roomId' | 'liveSinceMs'> | null): boolean {
  return seat !== null && seat.roomId === room.roomId && seat.liveSinceMs === room.liveSinceMs
}

/** Takes the same time wherever the texts differ. */
export function isSameText(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(a), hash(b))
}
