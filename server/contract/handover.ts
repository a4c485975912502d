import * as z from 'zod'
import { participantIdSchema, roomIdSchema, takeIdSchema, tapeIdSchema } from '../../sfu-core/contract/ids.ts'
import { tapeChunkHeaderSchema, tapeEndSchema, tapeSourceSchema } from '../../sfu-core/contract/tape.ts'

/**
 * How tapes of rooms whose recordings are kept on the host's own computer get there: the computer's node asks what there is
 * (`GET HANDOVER_PATH`), fetches chunk for chunk (`GET …/<tapeId>/chunks/<index>`), and once a chunk is on its disk says so
 * (`DELETE` of the same, with the hash in CHUNK_HASH_HEADER); only then does the server remove it. When all of a tape is there,
 * `DELETE …/<tapeId>` closes it. All with the node's token (`authorization: Bearer`). Each step may be repeated.
 */
export const HANDOVER_PATH = '/api/node/tapes'

/** SHA-256 of the chunk as it lies on the host's disk, hexadecimal. */
export const CHUNK_HASH_HEADER = 'x-content-sha256'

export const handoverTapeSchema = z.object({
  tapeId: tapeIdSchema,
  roomId: roomIdSchema,
  takeId: takeIdSchema,
  participantId: participantIdSchema,
  name: z.string(),
  source: tapeSourceSchema,
  channels: z.int(),
  deviceLabel: z.string(),
  end: tapeEndSchema.nullable(),
  declaredSamples: z.int().nullable(),
  /** It has ended, and every chunk of it has come to the server, or through it. */
  isComplete: z.boolean(),
})
export type HandoverTape = z.infer<typeof handoverTapeSchema>

export const handoverListSchema = z.object({
  tapes: z.array(handoverTapeSchema),
  /** What waits at the server, in order; not more than HANDOVER_LIST_MAX at a time. */
  chunks: z.array(z.object({ tapeId: tapeIdSchema, header: tapeChunkHeaderSchema, sizeBytes: z.int() })),
})
export type HandoverList = z.infer<typeof handoverListSchema>

export const HANDOVER_LIST_MAX = 200
