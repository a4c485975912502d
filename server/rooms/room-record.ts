import type { NodeId, RoomId } from '../../sfu-core/contract/ids.ts'
import type { AudiencePacketMs } from '../../sfu-core/contract/media.ts'
import type { RoomSnapshot } from '../../sfu-core/contract/state.ts'
import type { Hosting, RecordingsKept, RoomStatus, Visibility } from '../contract/views.ts'

/** A room as it is kept. Times are ms since the Unix epoch. */
export interface RoomRecord {
  roomId: RoomId
  hostId: string
  hostName: string
  title: string
  description: string
  visibility: Visibility
  hosting: Hosting
  recordingsKept: RecordingsKept
  status: RoomStatus
  /** The node that runs it, or ran it last. */
  nodeId: NodeId | null
  inviteCode: string
  audiencePacketMs: AudiencePacketMs
  createdAtMs: number
  liveSinceMs: number | null
  endedAtMs: number | null
  snapshot: RoomSnapshot | null
}

/** Where rooms are kept. */
export interface RoomStore {
  find(roomId: RoomId): Promise<RoomRecord | null>
  /** Newest first, bounded. */
  ofHost(hostId: string): Promise<RoomRecord[]>
  countOfHost(hostId: string): Promise<number>
  /** All live rooms, for a start of the server. */
  live(): Promise<RoomRecord[]>
  insert(room: RoomRecord): Promise<void>
  update(roomId: RoomId, change: RoomChange): Promise<void>
}

export type RoomChange = Partial<
  Pick<RoomRecord, 'status' | 'nodeId' | 'inviteCode' | 'audiencePacketMs' | 'liveSinceMs' | 'endedAtMs' | 'snapshot'>
>
