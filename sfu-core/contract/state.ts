import * as z from 'zod'
import { audiencePacketMsSchema } from './audience-packet.ts'
import { participantIdSchema, participantNumberSchema, takeIdSchema } from './ids.ts'
import { NAME_MAX_CHARS } from './limits.ts'
import { DEFAULT_AUDIENCE_PACKET_MS } from './media.ts'
import { REASON_CODES } from './reasons.ts'

/** One person in a room, as everybody in the room may see them. */
export const participantSchema = z.object({
  id: participantIdSchema,
  /** Named by the CSRC of the packets that carry this person's voice. Never reused within a room. */
  number: participantNumberSchema,
  name: z.string().max(NAME_MAX_CHARS),
  guest: z.boolean(),
  rank: z.enum(['host', 'co-host', 'member']),
  onStage: z.boolean(),
  /** Enforced in the SFU: packets of a muted person are dropped, and not recorded. */
  muted: z.boolean(),
  /** Who muted them; null while not muted. */
  mutedBy: z.enum(['self', 'host']).nullable(),
  /** When the hand went up, in ms since the Unix epoch; null while it is down. Orders the queue. */
  handRaisedAtMs: z.number().nullable(),
  /** The host asked them to the stage and they have not answered. */
  invitedToStage: z.boolean(),
  /** They agreed that their voice is recorded. Without it nothing of them is recorded. */
  recordingConsent: z.boolean(),
  /** False while their connection is down and the seat is kept for them. */
  connected: z.boolean(),
})
export type Participant = z.infer<typeof participantSchema>

export const recordingSchema = z.object({
  takeId: takeIdSchema,
  /** In ms since the Unix epoch, by the node's clock. */
  startedAtMs: z.number(),
})
export type Recording = z.infer<typeof recordingSchema>

export const roomStateSchema = z.object({
  participants: z.record(z.string(), participantSchema),
  recording: recordingSchema.nullable(),
  /** How much sound a packet to the audience holds. The default speaks for nodes older than this field. */
  audiencePacketMs: audiencePacketMsSchema.default(DEFAULT_AUDIENCE_PACKET_MS),
})
/** What everybody in the room sees. The node owns it; server and clients hold copies. */
export type RoomState = z.infer<typeof roomStateSchema>

export const roomEventSchema = z.discriminatedUnion('type', [
  /** Somebody came, or something about them changed. */
  z.object({ type: z.literal('participant'), participant: participantSchema }),
  z.object({ type: z.literal('left'), participantId: participantIdSchema, reason: z.enum(REASON_CODES) }),
  /** `reason`: why a recording ended that nobody stopped (`disk-full`, `recording-failed`). */
  z.object({
    type: z.literal('recording'),
    recording: recordingSchema.nullable(),
    reason: z.enum(REASON_CODES).optional(),
  }),
  z.object({ type: z.literal('audience-packet'), audiencePacketMs: audiencePacketMsSchema }),
  z.object({ type: z.literal('ended'), reason: z.enum(REASON_CODES) }),
])
export type RoomEvent = z.infer<typeof roomEventSchema>

export { applyRoomEvents, EMPTY_ROOM_STATE } from './apply-room-event.ts'

/** What a node needs to seat people again after a crash: the people whose place matters, and who may not return. */
export const roomSnapshotSchema = z.object({
  /** Hosts, people on stage, raised hands, muted people. Listeners without a mark just join anew. */
  seats: z.array(participantSchema),
  removed: z.array(participantIdSchema),
  nextNumber: participantNumberSchema,
  /** The take that was running; a node that restores the room starts a new take that continues it. */
  recording: recordingSchema.nullable(),
})
export type RoomSnapshot = z.infer<typeof roomSnapshotSchema>
