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
 * the invite code, and to those who have a seat already.
 * @throws Refusal `invite-needed`.
 */
export function assertMayEnter(room: RoomRecord, { person, invite, seat }: Credentials): void {
  if (room.visibility !== 'private') return
  if (person?.userId === room.hostId || seat?.roomId === room.roomId) return
  if (invite !== undefined && isSameText(invite, room.inviteCode)) return
  throw new Refusal('invite-needed', 'This room opens with an invite link only.')
}

/** Takes the same time wherever the texts differ. */
export function isSameText(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(a), hash(b))
}
