import * as z from 'zod'
import { roomActionSchema } from '../../sfu-core/contract/actions.ts'
import { audiencePacketMsSchema } from '../../sfu-core/contract/audience-packet.ts'
import { editListSchema } from '../../sfu-core/contract/edits.ts'
import { nodeIdSchema, roomIdSchema, takeIdSchema } from '../../sfu-core/contract/ids.ts'
import {
  DESCRIPTION_MAX_CHARS,
  NAME_MAX_CHARS,
  SDP_MAX_BYTES,
  TITLE_MAX_CHARS,
} from '../../sfu-core/contract/limits.ts'
import { DEFAULT_AUDIENCE_PACKET_MS } from '../../sfu-core/contract/media.ts'
import { candidateLinesSchema } from '../../sfu-core/contract/node-protocol.ts'
import { renderRequestSchema } from '../../sfu-core/contract/render.ts'
import { tapeEndSchema, tapeOpeningSchema } from '../../sfu-core/contract/tape.ts'

export const PASSWORD_MIN_CHARS = 10
export const PASSWORD_MAX_CHARS = 128

export const visibilitySchema = z.enum(['public', 'unlisted', 'private'])
export const hostingSchema = z.enum(['relay', 'desktop'])
/** Where recordings stay: with the server too, or on the host's own computer only. */
export const recordingsKeptSchema = z.enum(['server', 'host'])
export const personNameSchema = z.string().trim().min(1).max(NAME_MAX_CHARS)
export const inviteCodeSchema = z.string().max(64)
const seatSchema = z.string().max(2_000)

export const createRoomInput = z.object({
  title: z.string().trim().min(1).max(TITLE_MAX_CHARS),
  description: z.string().trim().max(DESCRIPTION_MAX_CHARS).default(''),
  visibility: visibilitySchema,
  hosting: hostingSchema,
  recordingsKept: recordingsKeptSchema.default('server'),
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

// tapes: the page records, the server keeps

export const openTapeInput = z.object({ seat: seatSchema, opening: tapeOpeningSchema })

const tapeTokenSchema = z.string().max(4_000)
export const tapeInput = z.object({ token: tapeTokenSchema })

/** Says that no more is captured: so many chunks and samples there are in all. */
export const endTapeInput = tapeInput.extend({
  chunkCount: z.int().min(0),
  sampleCount: z.int().min(0),
  end: tapeEndSchema,
})

/** The header of a chunk's request: tapeChunkHeaderSchema as JSON in base64url. The request's body is the FLAC file. */
export const TAPE_CHUNK_HEADER = 'x-engawa-chunk'

export const stripInput = z.object({ seat: seatSchema })

// studio: for the take's host

export const takeInput = z.object({ takeId: takeIdSchema })

export const saveEditsInput = takeInput.extend({
  /** The one that was edited; refused with `edits-changed` where there is a newer one. */
  revision: z.int().min(0),
  edits: editListSchema,
})

export const startJobInput = takeInput.extend({ request: renderRequestSchema })

export const jobInput = z.object({ jobId: z.string().max(64) })

/** What sound for before or after the talk may weigh and last. */
export const STUDIO_ASSET_MAX_BYTES = 200 * 1024 ** 2
export const STUDIO_ASSET_MAX_MS = 30 * 60_000
/** The longest stretch that a preview may have. */
export const PREVIEW_MAX_MS = 10 * 60_000
/** Finished renders are kept this long; they can be made again at any time. */
export const RENDERS_KEPT_S = 7 * 24 * 3600
