import * as z from 'zod'
import { editListSchema } from '../../sfu-core/contract/edits.ts'
import { isReasonCode, type ReasonCode } from '../../sfu-core/contract/reasons.ts'
import { exportFormatSchema } from '../../sfu-core/contract/render.ts'
import { takeReportSchema } from '../../sfu-core/contract/take-report.ts'
import { localStepSchema } from '../contract/studio.ts'

/** Between the main process and the process of one studio job, over parentPort. Both sides parse what they get. Paths are absolute. */

const pathSchema = z.string().min(1)

const taskSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('assemble'), takeFolder: pathSchema, nowMs: z.number() }),
  z.object({
    kind: z.literal('mix'),
    takeFolder: pathSchema,
    report: takeReportSchema,
    edits: editListSchema,
    format: exportFormatSchema,
    outFile: pathSchema,
  }),
  z.object({
    kind: z.literal('tracks'),
    takeFolder: pathSchema,
    report: takeReportSchema,
    edits: editListSchema,
    edited: z.boolean(),
    format: exportFormatSchema,
    projects: z.boolean(),
    /** Made anew. */
    outFolder: pathSchema,
  }),
])
export type StudioTask = z.infer<typeof taskSchema>

export const toStudioHostSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run'), task: taskSchema }),
  z.object({ type: z.literal('abort') }),
])
export type ToStudioHost = z.infer<typeof toStudioHostSchema>

const factsSchema = z.object({ integratedLufs: z.number(), truePeakDbtp: z.number(), lengthMs: z.number() })

export const fromStudioHostSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), step: localStepSchema, progress: z.number().min(0).max(1) }),
  /** All of it is on the disk. `facts`: of a mix. */
  z.object({ type: z.literal('done'), files: z.array(z.string()), facts: factsSchema.nullable() }),
  z.object({ type: z.literal('failed'), reason: z.custom<ReasonCode>(isReasonCode), detail: z.string() }),
])
export type FromStudioHost = z.infer<typeof fromStudioHostSchema>
