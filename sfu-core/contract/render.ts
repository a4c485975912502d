import * as z from 'zod'

/** Sound formats of exports. `wav`: 24 bit. The lossy ones have a bitrate for speech of good quality. */
export const exportFormatSchema = z.enum(['flac', 'wav', 'opus', 'mp3', 'aac'])
export type ExportFormat = z.infer<typeof exportFormatSchema>

/** A job of the studio. */
export const renderRequestSchema = z.discriminatedUnion('kind', [
  /** Tracks and report from tapes and SFU tracks. Again when late chunks have come. */
  z.object({ kind: z.literal('assemble') }),
  /** The mix, by the saved edits. */
  z.object({ kind: z.literal('mix'), format: exportFormatSchema }),
  /** A stretch of the mix, to listen to before rendering all; times on the take's clock. */
  z.object({ kind: z.literal('preview'), fromMs: z.number().min(0), toMs: z.number().min(0) }),
  /** One file per speaker, in a ZIP archive with labels and projects. `edited`: trimmed and cut as the mix is, else as long as the take. */
  z.object({
    kind: z.literal('tracks'),
    format: exportFormatSchema,
    edited: z.boolean(),
    /** Audacity labels, a Reaper project. */
    projects: z.boolean(),
  }),
])
export type RenderRequest = z.infer<typeof renderRequestSchema>

export const jobStateSchema = z.enum(['waiting', 'running', 'done', 'failed', 'cancelled'])
export type JobState = z.infer<typeof jobStateSchema>

/** What a mix came out as, measured by FFmpeg's ebur128 on the rendered file. */
export interface MixFacts {
  integratedLufs: number
  truePeakDbtp: number
  lengthMs: number
}
