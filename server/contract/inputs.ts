import * as z from 'zod'
import { roomActionSchema } from '../../sfu-core/contract/actions.ts'
import { audiencePacketMsSchema } from '../../sfu-core/contract/audience-packet.ts'
import { nodeIdSchema, roomIdSchema } from '../../sfu-core/contract/ids.ts'
import {
  DESCRIPTION_MAX_CHARS,
  NAME_MAX_CHARS,
  SDP_MAX_BYTES,
  TITLE_MAX_CHARS,
} from '../../sfu-core/contract/limits.ts'
import { DEFAULT_AUDIENCE_PACKET_MS } from '../../sfu-core/contract/media.ts'
import { candidateLinesSchema } from '../../sfu-core/contract/node-protocol.ts'

export const PASSWORD_MIN_CHARS = 10
export const PASSWORD_MAX_CHARS = 128

export const visibilitySchema = z.enum(['public', 'unlisted', 'private'])
export const hostingSchema = z.enum(['relay', 'desktop'])
export const personNameSchema = z.string().trim().min(1).max(NAME_MAX_CHARS)
export const inviteCodeSchema = z.string().max(64)
const seatSchema = z.string().max(2_000)

export const createRoomInput = z.object({
  title: z.string().trim().min(1).max(TITLE_MAX_CHARS),
  description: z.string().trim().max(DESCRIPTION_MAX_CHARS).default(''),
  visibility: visibilitySchema,
  hosting: hostingSchema,
  audiencePacketMs: audiencePacketMsSchema.default(DEFAULT_AUDIENCE_PACKET_MS),
})

export const roomInput = z.object({ roomId: roomIdSchema })

/** `invite`: the code of the link of a private room. */
export const getRoomInput = roomInput.extend({ invite: inviteCodeSchema.optional() })

/** `nodeId`: the caller's own desktop node, for a room with `hosting: 'desktop'`. */
export const goLiveInput = roomInput.extend({ nodeId: nodeIdSchema.optional() })

export const joinInput = roomInput.extend({
  invite: inviteCodeSchema.optional(),
  /** Guests only; an account's name is its own. */
  name: personNameSchema.optional(),
  /** From an earlier join: back to the same seat. */
  seat: seatSchema.optional(),
})

const roomTokenSchema = z.string().max(4_000)

export const offerInput = z.object({ token: roomTokenSchema, offerSdp: z.string().min(1).max(SDP_MAX_BYTES) })

/** After an offer, with its token: addresses of the page that were found meanwhile. */
export const candidatesInput = z.object({ token: roomTokenSchema, lines: candidateLinesSchema })

export const actInput = z.object({ seat: seatSchema, action: roomActionSchema })

/** `lastEventId` is filled in by the tRPC client when a subscription resumes. */
export const eventsInput = z.object({ seat: seatSchema, lastEventId: z.string().max(100).nullish() })
