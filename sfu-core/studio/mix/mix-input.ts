import path from 'node:path'
import { type EditList, keptRanges, type TimeRange } from '../../contract/edits.ts'
import { Refusal } from '../../contract/reasons.ts'
import type { ExportFormat } from '../../contract/render.ts'
import type { StudioTrack, TakeReport } from '../../contract/take-report.ts'
import { toSamples } from './segments.ts'

export interface RenderMixInput {
  report: TakeReport
  /** Where the tracks are. Levels are kept there, so that the next render or preview begins at once. */
  studioFolder: string
  edits: EditList
  /** Files of intros and outros, by asset id. */
  assets: Readonly<Record<string, string>>
  format: ExportFormat
  /** Only this stretch of the take, for listening to: as it will sound in the whole mix. */
  range?: TimeRange | undefined
  /** Appears when it is whole. Files beside it with its name and a further ending are the mix's own meanwhile. */
  outFile: string
  tags: MixTags
}

export interface MixTags {
  title: string
  /** Those who are heard, unless told. */
  artists?: readonly string[]
  /** YYYY-MM-DD; the day of the take (UTC) unless told. */
  date?: string
}

/**
 * Whose tracks are in a mix: one for each speaker who is not left out. Who was recorded with and without the browser's processing is heard as
 * the track has it that holds more of their tapes; else as the others heard them. @throws Refusal `input-invalid` where nobody is left.
 */
export function castOf(report: TakeReport, edits: EditList): StudioTrack[] {
  const best = new Map<string, StudioTrack>()
  for (const track of report.tracks) {
    if (edits.leftOut.includes(track.participantId)) continue
    const rival = best.get(track.participantId)
    if (!rival || isBetter(track, rival)) best.set(track.participantId, track)
  }
  if (best.size === 0) throw new Refusal('input-invalid', 'every speaker is left out')
  return [...best.values()]
}

function isBetter(track: StudioTrack, rival: StudioTrack): boolean {
  if (track.losslessMs !== rival.losslessMs) return track.losslessMs > rival.losslessMs
  return track.source === 'processed'
}

/** What is heard of the take. @throws Refusal `input-invalid` where nothing is. */
export function heardRanges(report: TakeReport, edits: EditList, range?: TimeRange): TimeRange[] {
  const { fromMs, toMs } = range ?? { fromMs: 0, toMs: report.lengthMs }
  const heard = keptRanges(edits, report.lengthMs)
    .map((kept) => ({ fromMs: Math.max(kept.fromMs, fromMs), toMs: Math.min(kept.toMs, toMs) }))
    .filter((kept) => toSamples(kept.toMs) > toSamples(kept.fromMs))
  if (heard.length === 0) throw new Refusal('input-invalid', 'nothing is left after trimming and cutting')
  return heard
}

/** The name of a file that a render needs meanwhile. */
export function besides(outFile: string, ending: string): string {
  return path.join(path.dirname(outFile), `${path.basename(outFile)}.${ending}`)
}
