import type { NodeId, ParticipantId, RoomId, TakeId } from '../../sfu-core/contract/ids.ts'
import type { AudiencePacketMs } from '../../sfu-core/contract/media.ts'
import type { TakeStorage } from '../../sfu-core/contract/node-protocol.ts'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import type { Participant, RoomEvent, RoomState } from '../../sfu-core/contract/state.ts'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'

/** What the server's procedures answer with. All times are ms since the Unix epoch. */

export type Visibility = 'public' | 'unlisted' | 'private'
/** `relay`: any relay of this server. `desktop`: the host's own computer. */
export type Hosting = 'relay' | 'desktop'
export type RoomStatus = 'draft' | 'live' | 'ended'

export interface RoomView {
  roomId: RoomId
  title: string
  description: string
  visibility: Visibility
  hosting: Hosting
  status: RoomStatus
  hostName: string
  /** The caller is the room's host. */
  mine: boolean
  createdAtMs: number
  liveSinceMs: number | null
  endedAtMs: number | null
  /** People connected now; 0 unless live. */
  onStageCount: number
  listenerCount: number
  recording: boolean
  /** How much sound a packet to the audience holds. */
  audiencePacketMs: AudiencePacketMs
  /** The node is there. False: it is lost and is waited for. */
  nodeUp: boolean
  /** For the host of a live room, else null: which node runs it, so that a computer knows its own rooms. */
  nodeId: NodeId | null
  /** `stun:` URLs that tell a page its public address, where the room's node may be behind a router; else none. */
  stunServers: readonly string[]
  /** For the host of a private room, else null: goes into the invite link. */
  inviteCode: string | null
}

/** The answer to `rooms.join`: everything a participant needs for one try to connect. */
export interface Admission {
  token: string
  /** Keeps the seat over reloads and drops. Secret to this participant. */
  seat: string
  participantId: ParticipantId
  nodeId: NodeId
  room: RoomView
}

export interface OfferAnswer {
  answerSdp: string
  participant: Participant
}

/** What `rooms.events` yields, each with a tracked id so that a dropped client resumes. */
export type RoomFeed =
  | { type: 'state'; room: RoomView; state: RoomState; nodeUp: boolean }
  | { type: 'events'; events: RoomEvent[] }
  | { type: 'node'; up: boolean }
  | { type: 'ended'; reason: ReasonCode }

/** What `rooms.listFeed` yields: the public live rooms, whole at first and then by change. */
export type RoomListFeed =
  | { type: 'rooms'; rooms: RoomView[] }
  | { type: 'room'; room: RoomView }
  | { type: 'gone'; roomId: RoomId }

export interface TakeView {
  takeId: TakeId
  roomId: RoomId
  storage: TakeStorage
  /** All files can be downloaded from the server now. False for takes kept on a host's computer, or still being sent. */
  downloadable: boolean
  nodeName: string
  manifest: TakeManifest
}

export interface Person {
  userId: string
  name: string
  email: string
}

/** Sent with every error of the API, under `data.engawa`. */
export interface ErrorDetail {
  reason: ReasonCode
  /** How long to wait, where waiting helps. */
  retryAfterMs: number | null
}
