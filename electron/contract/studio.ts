import * as z from 'zod'
import { editListSchema } from '../../sfu-core/contract/edits.ts'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import { exportFormatSchema, type MixFacts } from '../../sfu-core/contract/render.ts'
import type { TakeReport } from '../../sfu-core/contract/take-report.ts'

/** The studio of the desktop app: for takes whose sound is on this computer alone. */

/** What may be made. `edits`: as the server has them; sound for before and after the talk, which lies there, is left away. */
export const localRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('assemble') }),
  z.object({ kind: z.literal('mix'), format: exportFormatSchema, edits: editListSchema }),
  z.object({
    kind: z.literal('tracks'),
    format: exportFormatSchema,
    edited: z.boolean(),
    projects: z.boolean(),
    edits: editListSchema,
  }),
])
export type LocalRequest = z.infer<typeof localRequestSchema>

export const localStepSchema = z.enum(['reading', 'aligning', 'cleaning', 'mixing', 'encoding', 'packing'])

/** The newest job of a take. One job runs at a time. */
export interface LocalJob {
  takeId: string
  kind: LocalRequest['kind']
  state: 'running' | 'done' | 'failed' | 'cancelled'
  step: z.infer<typeof localStepSchema>
  /** 0 to 1. */
  progress: number
  /** Why it failed. */
  reason: ReasonCode | null
  /** What came of it, by the names in the take's folder `exports`. */
  files: string[]
  /** Of a mix. */
  facts: MixFacts | null
}

/** What this computer has of a take. */
export interface LocalTake {
  /** null: it was not put together yet. */
  report: TakeReport | null
  /** Chunks have come since. */
  isStale: boolean
  tapeCount: number
  chunkCount: number
  job: LocalJob | null
}

export interface LocalStudioBridge {
  /** null: this computer does not have that take. */
  take(takeId: string): Promise<LocalTake | null>
  /** Rejects where a job runs already, or the take is not here, or not put together. */
  start(takeId: string, request: LocalRequest): Promise<LocalJob>
  /** Nothing happens where none runs. */
  cancel(takeId: string): Promise<void>
  /** Opens the folder of what was exported. False: there is none. */
  openExports(takeId: string): Promise<boolean>
  /** Returns the end of the subscription. */
  onJob(listener: (job: LocalJob) => void): () => void
}
