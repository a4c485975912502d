import * as z from 'zod'
import { participantIdSchema } from './ids.ts'
import { EDIT_LIST_COUNT, TITLE_MAX_CHARS } from './limits.ts'

/** What is done to a take to make a mix of it. A list of wishes: the tracks themselves are never changed. Times are on the take's clock, in ms. */

const rangeSchema = z.object({ fromMs: z.number().min(0), toMs: z.number().min(0) })
export type TimeRange = z.infer<typeof rangeSchema>

const mutedRangeSchema = rangeSchema.extend({ participantId: participantIdSchema })

/** A moment worth finding again: from the room, or set while editing. Becomes a chapter. */
const takeMarkerSchema = z.object({ atMs: z.number().min(0), text: z.string().max(TITLE_MAX_CHARS) })
export type TakeMarker = z.infer<typeof takeMarkerSchema>

/** Sound that the host uploaded, by its id; `fadeMs`: how long it overlaps the talk, fading. */
const clipSchema = z.object({ assetId: z.string().max(64), fadeMs: z.number().min(0).max(20_000) })

export const processingSchema = z.object({
  /** Rumble, pops and hum below speech. */
  highPass: z.boolean(),
  /** Gentle: a few dB, so that voices stay natural. */
  noiseReduction: z.boolean(),
  /** Quiet and loud speakers, and quiet and loud passages of one, come to the same level. */
  levelling: z.boolean(),
  /** A microphone that only picks up another speaker is turned down meanwhile. */
  bleedDucking: z.boolean(),
})
export type Processing = z.infer<typeof processingSchema>

/** Integrated loudness, in LUFS (ITU-R BS.1770-5, EBU R 128). -16: podcasts in stereo; -19: the same as heard, in mono; -23: broadcast. */
export const LOUDNESS_TARGETS_LUFS = [-14, -16, -18, -19, -23] as const
const loudnessSchema = z.union(LOUDNESS_TARGETS_LUFS.map((target) => z.literal(target)))

export const editListSchema = z.object({
  version: z.literal(1),
  /** What lies before and after is left out; null: from the beginning, to the end. */
  trimStartMs: z.number().min(0).nullable(),
  trimEndMs: z.number().min(0).nullable(),
  /** Left out for all, in any order, overlapping or not. */
  cuts: z.array(rangeSchema).max(EDIT_LIST_COUNT),
  /** One speaker is silent there. */
  mutes: z.array(mutedRangeSchema).max(EDIT_LIST_COUNT),
  /** Nothing of these speakers is in any render. */
  leftOut: z.array(participantIdSchema).max(EDIT_LIST_COUNT),
  /** Besides the levelling: -20 to 20 dB for a speaker. */
  gainsDb: z.record(z.string(), z.number().min(-20).max(20)),
  markers: z.array(takeMarkerSchema).max(EDIT_LIST_COUNT),
  intro: clipSchema.nullable(),
  outro: clipSchema.nullable(),
  channels: z.union([z.literal(1), z.literal(2)]),
  loudnessLufs: loudnessSchema,
  processing: processingSchema,
})
export type EditList = z.infer<typeof editListSchema>

export const NO_EDITS: EditList = {
  version: 1,
  trimStartMs: null,
  trimEndMs: null,
  cuts: [],
  mutes: [],
  leftOut: [],
  gainsDb: {},
  markers: [],
  intro: null,
  outro: null,
  channels: 2,
  loudnessLufs: -16,
  processing: { highPass: true, noiseReduction: true, levelling: true, bleedDucking: true },
}

/** The mix never exceeds this, in dBTP (true peak, ITU-R BS.1770-5 annex 2). */
export const TRUE_PEAK_MAX_DBTP = -1

/**
 * What is left of a take of `lengthMs` after trimming and cutting: ranges in order, neither empty nor touching. Empty where
 * nothing is left.
 */
export function keptRanges(edits: Pick<EditList, 'trimStartMs' | 'trimEndMs' | 'cuts'>, lengthMs: number): TimeRange[] {
  const endMs = Math.min(edits.trimEndMs ?? lengthMs, lengthMs)
  const kept: TimeRange[] = []
  let fromMs = edits.trimStartMs ?? 0
  for (const cut of edits.cuts.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (cut.toMs <= cut.fromMs) continue
    if (cut.fromMs >= endMs) break
    if (cut.fromMs > fromMs) kept.push({ fromMs, toMs: cut.fromMs })
    fromMs = Math.max(fromMs, cut.toMs)
  }
  if (endMs > fromMs) kept.push({ fromMs, toMs: endMs })
  return kept
}

/** Where a moment of the take lies in what is left of it; null where it is cut out. */
export function editedMs(kept: readonly TimeRange[], atMs: number): number | null {
  let beforeMs = 0
  for (const { fromMs, toMs } of kept) {
    if (atMs < fromMs) return null
    if (atMs <= toMs) return beforeMs + atMs - fromMs
    beforeMs += toMs - fromMs
  }
  return null
}
