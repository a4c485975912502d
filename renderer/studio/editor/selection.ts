import type { EditList, TimeRange } from '../../../sfu-core/contract/edits.ts'
import type { ParticipantId } from '../../../sfu-core/contract/ids.ts'
import { PREVIEW_LENGTH_MS } from './limits.ts'

/** A stretch of the take; `participantId`: on whose waveform it was drawn, null for all. */
export interface Selection extends TimeRange {
  participantId: ParticipantId | null
}

/** So much is heard before and after a short selection, so that one hears how it joins. */
const PREVIEW_CONTEXT_MS = 4_000
/** Without a selection: from a little before the position. */
const PREVIEW_BEFORE_MS = 3_000
const PREVIEW_AFTER_MS = 15_000

/** What to listen to in the mix: the selection with what is around it, or what lies around the position. PREVIEW_LENGTH_MS at most. */
export function previewRange(selection: TimeRange | null, positionMs: number, lengthMs: number): TimeRange {
  const wanted = selection ?? { fromMs: positionMs - PREVIEW_BEFORE_MS, toMs: positionMs + PREVIEW_AFTER_MS }
  const contextMs = selection === null ? 0 : PREVIEW_CONTEXT_MS
  const fromMs = Math.round(Math.max(0, Math.min(wanted.fromMs - contextMs, lengthMs - contextMs)))
  const toMs = Math.round(Math.min(lengthMs, wanted.toMs + contextMs, fromMs + PREVIEW_LENGTH_MS))
  return { fromMs, toMs }
}

/** Moments that a hand may mean when it comes near: edges of cuts and mutes, markers, the mix's ends. */
export function snapTargets(edits: EditList, lengthMs: number): number[] {
  const edges = [...edits.cuts, ...edits.mutes].flatMap(({ fromMs, toMs }) => [fromMs, toMs])
  const ends = [edits.trimStartMs ?? 0, edits.trimEndMs ?? lengthMs]
  return [...edges, ...edits.markers.map(({ atMs }) => atMs), ...ends]
}

/** The edit before (`-1`) or after (`1`) a moment; null where there is none. */
export function nextTarget(targetsMs: readonly number[], positionMs: number, direction: 1 | -1): number | null {
  const beyond = targetsMs.filter((target) => (target - positionMs) * direction > 1)
  if (beyond.length === 0) return null
  return direction === 1 ? Math.min(...beyond) : Math.max(...beyond)
}

/** An edge of a cut or mute that can be taken hold of. */
export interface Edge {
  kind: 'cut' | 'mute'
  index: number
  side: 'fromMs' | 'toMs'
}

/** The edge at a moment, within `reachMs`: a mute's only on its speaker's waveform. */
export function edgeAt(
  edits: Pick<EditList, 'cuts' | 'mutes'>,
  at: { atMs: number; reachMs: number; participantId: ParticipantId | null },
): Edge | null {
  const mute = edits.mutes.findIndex((range) => range.participantId === at.participantId && isEdge(range, at))
  const cut = edits.cuts.findIndex((range) => isEdge(range, at))
  const kind = mute === -1 ? 'cut' : 'mute'
  const index = kind === 'mute' ? mute : cut
  const range = kind === 'mute' ? edits.mutes[index] : edits.cuts[index]
  if (range === undefined) return null
  const isStart = Math.abs(range.fromMs - at.atMs) <= Math.abs(range.toMs - at.atMs)
  return { kind, index, side: isStart ? 'fromMs' : 'toMs' }
}

function isEdge({ fromMs, toMs }: TimeRange, { atMs, reachMs }: { atMs: number; reachMs: number }): boolean {
  return Math.min(Math.abs(fromMs - atMs), Math.abs(toMs - atMs)) <= reachMs
}
