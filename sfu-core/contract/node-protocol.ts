import * as z from 'zod'
import { roomActionSchema } from './actions.ts'
import { audiencePacketMsSchema } from './audience-packet.ts'
import { nodeIdSchema, participantIdSchema, roomIdSchema, takeIdSchema } from './ids.ts'
import {
  CANDIDATE_MAX_CHARS,
  CANDIDATES_MAX_LINES,
  PUBLICATION_EVENTS_COUNT,
  SDP_MAX_BYTES,
  STUN_SERVERS_COUNT,
  TITLE_MAX_CHARS,
} from './limits.ts'
import { REASON_CODES, type ReasonCode } from './reasons.ts'
import { participantSchema, roomEventSchema, roomSnapshotSchema, roomStateSchema } from './state.ts'
import type { TakeManifest } from './take.ts'
import { publicKeySchema } from './token.ts'

/**
 * Between a node and its server. The node connects out, registers, takes requests and publishes what
 * happens in its rooms. Carried by tRPC over one WebSocket; this file knows nothing of that.
 */

/** Where a take's files stay: in the server's own data folder, on the host's computer, or sent to the server. */
export const takeStorageSchema = z.enum(['shared', 'kept', 'upload'])
export type TakeStorage = z.infer<typeof takeStorageSchema>

const stunServersSchema = z.array(z.string().regex(/^stun:[^\s/]{1,100}$/)).max(STUN_SERVERS_COUNT)

export const nodeRegistrationSchema = z.object({
  kind: z.enum(['relay', 'desktop']),
  name: z.string().min(1).max(120),
  version: z.string().max(40),
  takeStorage: takeStorageSchema,
  /** `stun:` URLs that this node answers from the open network (RFC 8489, RFC 7064); none for one behind a router. */
  stunServers: stunServersSchema.optional(),
})
export type NodeRegistration = z.infer<typeof nodeRegistrationSchema>

export const openRoomSchema = z.object({
  roomId: roomIdSchema,
  title: z.string().max(TITLE_MAX_CHARS),
  /** As it was chosen last. */
  audiencePacketMs: audiencePacketMsSchema,
  /** From an earlier life of the room; null for a room that starts. */
  snapshot: roomSnapshotSchema.nullable(),
})
export type OpenRoom = z.infer<typeof openRoomSchema>

export const nodeWelcomeSchema = z.object({
  nodeId: nodeIdSchema,
  /** Checks room tokens. */
  publicKey: publicKeySchema,
  /** The rooms that are live on this node: open what is missing, close what is not named. */
  rooms: z.array(openRoomSchema),
  /** A fresh permission to register; null for a relay, whose key does not end. */
  nodeToken: z.string().nullable(),
  /** `stun:` URLs that tell a person's computer its public address; none for a relay, which has its own. */
  stunServers: stunServersSchema,
})
export type NodeWelcome = z.infer<typeof nodeWelcomeSchema>

export const candidateLinesSchema = z.array(z.string().max(CANDIDATE_MAX_CHARS)).min(1).max(CANDIDATES_MAX_LINES)

export const nodeRequestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('open-room'), room: openRoomSchema }),
  z.object({ type: z.literal('close-room'), roomId: roomIdSchema, reason: z.enum(REASON_CODES) }),
  z.object({
    type: z.literal('join'),
    token: z.string(),
    roomId: roomIdSchema,
    offerSdp: z.string().max(SDP_MAX_BYTES),
  }),
  z.object({
    type: z.literal('act'),
    roomId: roomIdSchema,
    participantId: participantIdSchema,
    action: roomActionSchema,
  }),
  /** More addresses of a participant's page, as `candidate:` lines (RFC 8839 §5.1), for a node that must call first. */
  z.object({
    type: z.literal('candidates'),
    roomId: roomIdSchema,
    participantId: participantIdSchema,
    lines: candidateLinesSchema,
  }),
  /** Where the running take's clock stands: tapes are laid on it. */
  z.object({ type: z.literal('take-clock'), roomId: roomIdSchema }),
])
export type NodeRequest = z.infer<typeof nodeRequestSchema>

export const joinAnswerSchema = z.object({ answerSdp: z.string(), participant: participantSchema })
export type JoinAnswer = z.infer<typeof joinAnswerSchema>

/** `takeMs`: ms since the take's zero, by the node's monotonic clock, with fractions. */
export const takeClockSchema = z.object({ takeId: takeIdSchema, takeMs: z.number() })
export type TakeClock = z.infer<typeof takeClockSchema>

/** `value` is a JoinAnswer for `join`, a TakeClock for `take-clock`, null for the rest. */
export const nodeAnswerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.union([joinAnswerSchema, takeClockSchema]).nullable() }),
  z.object({ ok: z.literal(false), reason: z.enum(REASON_CODES), detail: z.string().max(500) }),
])
export type NodeAnswer = z.infer<typeof nodeAnswerSchema>

/**
 * A room's news. `epoch` names one life of the room on one node, `seq` counts its publications from 0.
 * The first of an epoch, and the first after each registration, is a whole state.
 */
export const roomPublicationSchema = z.object({
  roomId: roomIdSchema,
  epoch: z.string().max(40),
  seq: z.int().min(0),
  body: z.discriminatedUnion('type', [
    z.object({ type: z.literal('state'), state: roomStateSchema }),
    z.object({ type: z.literal('events'), events: z.array(roomEventSchema).max(PUBLICATION_EVENTS_COUNT) }),
  ]),
  /** Present when something changed that a restart must bring back. */
  snapshot: roomSnapshotSchema.optional(),
})
export type RoomPublication = z.infer<typeof roomPublicationSchema>

export const heartbeatSchema = z.object({
  rooms: z.int(),
  participants: z.int(),
  /** CPU time used by the node's process since its start, in microseconds. */
  cpuUs: z.number(),
  residentBytes: z.number(),
})
export type Heartbeat = z.infer<typeof heartbeatSchema>

/** A node's line to its server. The host process supplies it; `close` ends it for good. */
export interface NodeLink {
  /**
   * Keeps the line up until `close`. `onWelcome` is called after each (re)registration, then requests are
   * handed to `onRequest`, whose answers go back.
   */
  open(handlers: NodeLinkHandlers): void
  /** Resolves when the server has taken it. Rejects while the line is down: the node then publishes a whole state after the next welcome. */
  publish(publication: RoomPublication): Promise<void>
  heartbeat(heartbeat: Heartbeat): Promise<void>
  /** Tells the server of a take: at its start, when its tracks change, at its end. */
  reportTake(manifest: TakeManifest): Promise<void>
  close(): Promise<void>
}

export interface NodeLinkHandlers {
  registration: NodeRegistration
  onWelcome(welcome: NodeWelcome): void | Promise<void>
  onRequest(request: NodeRequest): Promise<NodeAnswer>
  /** The line is up, down (it comes back by itself), or refused for good (bad key). */
  onState(state: NodeLinkState): void
}

export type NodeLinkState =
  | { state: 'connecting' }
  | { state: 'up'; nodeId: string }
  | { state: 'refused'; reason: ReasonCode; detail: string }
