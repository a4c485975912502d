import type { EditList } from '../../sfu-core/contract/edits.ts'
import type { NodeId, ParticipantId, RoomId, TakeId, TapeId } from '../../sfu-core/contract/ids.ts'
import type { AudiencePacketMs } from '../../sfu-core/contract/media.ts'
import type { TakeStorage } from '../../sfu-core/contract/node-protocol.ts'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import type { JobState, MixFacts, RenderRequest } from '../../sfu-core/contract/render.ts'
import type { Participant, RoomEvent, RoomState } from '../../sfu-core/contract/state.ts'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import type { TakeReport } from '../../sfu-core/contract/take-report.ts'
import type { TapeStanding } from '../../sfu-core/contract/tape.ts'

/** What the server's procedures answer with. All times are ms since the Unix epoch. */

export type Visibility = 'public' | 'unlisted' | 'private'
/** `relay`: any relay of this server. `desktop`: the host's own computer. */
export type Hosting = 'relay' | 'desktop'
/** `host`: recordings stay on the host's own computer; what people's own machines record passes through the server, and is removed there. */
export type RecordingsKept = 'server' | 'host'
export type RoomStatus = 'draft' | 'live' | 'ended'

export interface RoomView {
  roomId: RoomId
  title: string
  description: string
  visibility: Visibility
  hosting: Hosting
  recordingsKept: RecordingsKept
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
  recordingsKept: RecordingsKept
  /** All files can be downloaded from the server now. False for takes kept on a host's computer, or still being sent. */
  downloadable: boolean
  nodeName: string
  manifest: TakeManifest
}

/** A place for a tape: the token is its page's right to upload, also long after the room (TAPE_TOKEN_TTL_S). */
export interface TapeGrant {
  tapeId: TapeId
  token: string
}

/** What the server has of a tape, so that its page sends the rest. */
export interface TapeStored {
  /** Chunks 0 to `contiguousChunks` - 1 are here. */
  contiguousChunks: number
  /** Indexes above that are here too. */
  later: number[]
  /** Its end was declared. */
  ended: boolean
}

/** Who agreed to be recorded, or did not, and when. */
export interface ConsentEntry {
  participantId: ParticipantId
  name: string
  guest: boolean
  answer: 'agreed' | 'declined'
  /** On the take's clock. */
  takeMs: number
}

/** A sound file for before or after the talk. */
export interface StudioAsset {
  assetId: string
  name: string
  lengthMs: number
  sizeBytes: number
}

/** All that the studio shows of a take; for its host. */
export interface StudioTakeView {
  take: TakeView & { roomTitle: string }
  /** null until it was assembled for the first time. */
  report: TakeReport | null
  /** Chunks have come since the report was made. */
  isStale: boolean
  standings: TapeStanding[]
  consents: ConsentEntry[]
  edits: EditList
  /** Counts up with each saved list. */
  revision: number
  assets: StudioAsset[]
}

/** What a job is busy with, for words on the screen. */
export type JobStep = 'queued' | 'reading' | 'aligning' | 'cleaning' | 'mixing' | 'encoding' | 'packing'

export interface JobView {
  jobId: string
  takeId: TakeId
  request: RenderRequest
  state: JobState
  step: JobStep
  /** 0 to 1. */
  progress: number
  createdAtMs: number
  endedAtMs: number | null
  /** Why it failed. */
  reason: ReasonCode | null
  /**
   * What came of it; to be had at `/api/takes/<takeId>/renders/<jobId>/<name>`. Of several, the first is an archive (`.zip`) of the
   * others. Kept for RENDERS_KEPT_S, and then empty.
   */
  files: { name: string; sizeBytes: number }[]
  /** Of a mix or preview. */
  facts: MixFacts | null
}

/** What `studio.jobs` yields: the take's jobs, newest first, whole at first and then by change. */
export type JobFeed =
  | { type: 'jobs'; jobs: JobView[] }
  | { type: 'job'; job: JobView }
  /** The take's own view has changed (a new report, other edits, chunks that came late): `studio.take` says how. */
  | { type: 'take' }

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
