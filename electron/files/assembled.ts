import * as z from 'zod'

/** Beside the take's report: of how many chunks it was made. */
export const ASSEMBLED_NAME = 'assembled.json'

export const assembledSchema = z.object({ chunkCount: z.int().min(0) })
export type Assembled = z.infer<typeof assembledSchema>
