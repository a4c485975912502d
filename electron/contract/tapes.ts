import * as z from 'zod'
import { tapeIdSchema } from '../../sfu-core/contract/ids.ts'
import { TAPE_CHUNK_MAX_BYTES } from '../../sfu-core/contract/limits.ts'

/**
 * Between the page's tape worker and the main process, over a MessagePort of their own: tapes as files in the app's folder. The
 * calls are those of TapeStore (renderer/tape/worker/tape-store.ts).
 */

/** Files that a worker has open at once: a journal and the next one, of two signals, while a device is changed. */
export const TAPE_LOGS_OPEN_MAX = 16

/** The names that a tape's files have. */
export const tapeFileNameSchema = z.string().regex(/^(?:(?:beginning|grant|end)\.json|\d{6,9}\.(?:pcm|flac|json))$/)

const bytesSchema = z.instanceof(Uint8Array).refine((bytes) => bytes.length <= TAPE_CHUNK_MAX_BYTES)
const idSchema = z.int().min(0)
const file = { tapeId: tapeIdSchema, name: tapeFileNameSchema }

export const toTapeFilesSchema = z.discriminatedUnion('call', [
  z.object({ call: z.literal('tapes'), id: idSchema }),
  z.object({ call: z.literal('files'), id: idSchema, tapeId: tapeIdSchema }),
  z.object({ call: z.literal('read'), id: idSchema, ...file }),
  z.object({ call: z.literal('write'), id: idSchema, ...file, bytes: bytesSchema }),
  z.object({ call: z.literal('remove'), id: idSchema, ...file }),
  z.object({ call: z.literal('remove-tape'), id: idSchema, tapeId: tapeIdSchema }),
  /** Begins a file that grows; `log` is the worker's name for it. */
  z.object({ call: z.literal('open-log'), id: idSchema, log: idSchema, ...file }),
  // Without an answer: a log that cannot be written any more is told of once.
  z.object({ call: z.literal('append'), log: idSchema, bytes: bytesSchema }),
  z.object({ call: z.literal('flush'), log: idSchema }),
  z.object({ call: z.literal('close-log'), log: idSchema }),
])
export type ToTapeFiles = z.infer<typeof toTapeFilesSchema>

export type TapeFilesAnswer = string[] | { name: string; sizeBytes: number }[] | Uint8Array | null

export type FromTapeFiles =
  | { readonly id: number; readonly ok: true; readonly value: TapeFilesAnswer }
  | { readonly id: number; readonly ok: false; readonly detail: string }
  | { readonly log: number; readonly failed: string }
