import * as z from 'zod'
import type { EditList, TimeRange } from '../../sfu-core/contract/edits.ts'
import { isReasonCode, type ReasonCode } from '../../sfu-core/contract/reasons.ts'
import type { ExportFormat } from '../../sfu-core/contract/render.ts'
import type { TakeEvent, TakeManifest } from '../../sfu-core/contract/take.ts'
import { type TakeReport, takeReportSchema } from '../../sfu-core/contract/take-report.ts'
import type { TapeMaterial } from '../tapes/tape-material.ts'

/** Between the server and the process of one job, over Node's IPC channel. Paths are absolute. */

export type StudioTask =
  | {
      kind: 'assemble'
      manifest: TakeManifest
      takeFolder: string
      tapes: TapeMaterial[]
      outFolder: string
      nowMs: number
    }
  | {
      kind: 'mix'
      report: TakeReport
      studioFolder: string
      edits: EditList
      /** Sound files by the id of the asset. */
      assets: Record<string, string>
      format: ExportFormat
      /** null: all of it. */
      range: TimeRange | null
      outFile: string
      title: string
    }
  | {
      kind: 'tracks'
      report: TakeReport
      studioFolder: string
      edits: EditList
      edited: boolean
      format: ExportFormat
      projects: boolean
      outFolder: string
      title: string
      /** Who was on stage when, for the labels. */
      timeline: TakeEvent[]
    }
  /** Is it sound, and how long? */
  | { kind: 'probe'; file: string; lengthMaxMs: number }

export type ToWorker = { type: 'run'; task: StudioTask } | { type: 'abort' }

const stepSchema = z.enum(['reading', 'aligning', 'cleaning', 'mixing', 'encoding', 'packing'])
const factsSchema = z.object({ integratedLufs: z.number(), truePeakDbtp: z.number(), lengthMs: z.number() })
const outcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('assemble'), report: takeReportSchema }),
  z.object({ kind: z.literal('mix'), facts: factsSchema }),
  z.object({ kind: z.literal('tracks') }),
  z.object({ kind: z.literal('probe'), lengthMs: z.number().min(0) }),
])
export type StudioOutcome = z.infer<typeof outcomeSchema>

/** A process that reads foreign sound is believed no more than needed: what it says is checked. */
export const fromWorkerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('progress'), step: stepSchema, progress: z.number().min(0).max(1) }),
  z.object({ type: z.literal('done'), outcome: outcomeSchema }),
  z.object({
    type: z.literal('failed'),
    reason: z.custom<ReasonCode>(isReasonCode),
    message: z.string(),
  }),
])
export type FromWorker = z.infer<typeof fromWorkerSchema>
export type WorkerProgress = Extract<FromWorker, { type: 'progress' }>
