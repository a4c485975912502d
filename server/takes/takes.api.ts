import type { RoomId, TakeId } from '../../sfu-core/contract/ids.ts'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import type { Connection } from '../call-context.ts'
import type { TakeView } from '../contract/views.ts'

/** A take of one's own, with the room that it is of. */
export type OwnTakeView = TakeView & { roomTitle: string }

/** The rules about takes, as the router sees them. All refuse with Refusal. */
export interface TakesApi {
  /** A node tells of a take: at its start, when it changes, at its end. */
  report(caller: Connection, manifest: TakeManifest): Promise<null>
  /** Of one room, newest first; for its host. */
  list(caller: Connection, roomId: RoomId): Promise<TakeView[]>
  /** Of all of one's rooms, newest first. */
  mine(caller: Connection): Promise<OwnTakeView[]>
  /** Opens the take's files from a link, for an hour. */
  ticket(caller: Connection, takeId: TakeId): Promise<{ ticket: string }>
}
