import type { EditList, Processing, TakeMarker, TimeRange } from '../../../sfu-core/contract/edits.ts'
import type { ParticipantId } from '../../../sfu-core/contract/ids.ts'
import { EDIT_LIST_COUNT, TITLE_MAX_CHARS } from '../../../sfu-core/contract/limits.ts'
import { merged, RANGE_MIN_MS, tidyRange } from './ranges.ts'

/** One step of editing. An `index` is the place in the list as it stands. */
export type Edit =
  | { type: 'cut'; range: TimeRange }
  | { type: 'change-cut'; index: number; range: TimeRange }
  | { type: 'uncut'; index: number }
  | { type: 'mute'; participantId: ParticipantId; range: TimeRange }
  | { type: 'change-mute'; index: number; range: TimeRange }
  | { type: 'unmute'; index: number }
  | { type: 'trim-start'; atMs: number | null }
  | { type: 'trim-end'; atMs: number | null }
  | { type: 'add-marker'; marker: TakeMarker }
  | { type: 'rename-marker'; index: number; text: string }
  | { type: 'move-marker'; index: number; atMs: number }
  | { type: 'delete-marker'; index: number }
  | { type: 'leave-out'; participantId: ParticipantId; leftOut: boolean }
  | { type: 'gain'; participantId: ParticipantId; gainDb: number }
  | { type: 'processing'; change: Partial<Processing> }
  | { type: 'loudness'; loudnessLufs: EditList['loudnessLufs']; channels: EditList['channels'] }
  | { type: 'clip'; place: 'intro' | 'outro'; clip: EditList['intro'] }

type MutedRange = EditList['mutes'][number]

/** The list with one more step done. The same object where the step changes nothing, or would break a limit. Pure. */
export function applyEdit(edits: EditList, edit: Edit, lengthMs: number): EditList {
  const after = step(edits, edit, lengthMs)
  const tooMany = [after.cuts, after.mutes, after.markers, after.leftOut].some((list) => list.length > EDIT_LIST_COUNT)
  return tooMany ? edits : after
}

function step(edits: EditList, edit: Edit, lengthMs: number): EditList {
  switch (edit.type) {
    case 'cut':
    case 'change-cut':
    case 'uncut':
      return withCuts(edits, edit, lengthMs)
    case 'mute':
    case 'change-mute':
    case 'unmute':
      return withMutes(edits, edit, lengthMs)
    case 'trim-start':
    case 'trim-end':
      return withTrim(edits, edit, lengthMs)
    case 'add-marker':
    case 'rename-marker':
    case 'move-marker':
    case 'delete-marker':
      return withMarkers(edits, edit, lengthMs)
    case 'leave-out':
      return withLeftOut(edits, edit.participantId, edit.leftOut)
    case 'gain':
      return withGain(edits, edit.participantId, edit.gainDb)
    case 'processing':
      return { ...edits, processing: { ...edits.processing, ...edit.change } }
    case 'loudness':
      return { ...edits, loudnessLufs: edit.loudnessLufs, channels: edit.channels }
    case 'clip':
      return { ...edits, [edit.place]: edit.clip }
  }
}

type CutEdit = Extract<Edit, { type: 'cut' | 'change-cut' | 'uncut' }>

function withCuts(edits: EditList, edit: CutEdit, lengthMs: number): EditList {
  if (edit.type === 'uncut') return { ...edits, cuts: edits.cuts.toSpliced(edit.index, 1) }
  const range = tidyRange(edit.range, lengthMs)
  if (range === null) return edits
  const others = edit.type === 'cut' ? edits.cuts : edits.cuts.toSpliced(edit.index, 1)
  return { ...edits, cuts: merged([...others, range]) }
}

type MuteEdit = Extract<Edit, { type: 'mute' | 'change-mute' | 'unmute' }>

function withMutes(edits: EditList, edit: MuteEdit, lengthMs: number): EditList {
  if (edit.type === 'unmute') return { ...edits, mutes: edits.mutes.toSpliced(edit.index, 1) }
  const range = tidyRange(edit.range, lengthMs)
  const participantId = edit.type === 'mute' ? edit.participantId : edits.mutes[edit.index]?.participantId
  if (range === null || participantId === undefined) return edits
  const others = edit.type === 'mute' ? edits.mutes : edits.mutes.toSpliced(edit.index, 1)
  return { ...edits, mutes: mergedMutes([...others, { ...range, participantId }]) }
}

/** Ranges of one speaker that overlap become one; in order of time. */
function mergedMutes(mutes: readonly MutedRange[]): MutedRange[] {
  const speakers = [...new Set(mutes.map(({ participantId }) => participantId))]
  return speakers
    .flatMap((participantId) =>
      merged(mutes.filter((mute) => mute.participantId === participantId)).map((range) => ({
        ...range,
        participantId,
      })),
    )
    .toSorted((a, b) => a.fromMs - b.fromMs)
}

type TrimEdit = Extract<Edit, { type: 'trim-start' | 'trim-end' }>

/** Something always stays between start and end; at the take's own start or end there is nothing to trim. */
function withTrim(edits: EditList, edit: TrimEdit, lengthMs: number): EditList {
  if (edit.type === 'trim-start') {
    const atMs = within(edit.atMs ?? 0, 0, (edits.trimEndMs ?? lengthMs) - RANGE_MIN_MS)
    return { ...edits, trimStartMs: atMs <= 0 ? null : atMs }
  }
  const atMs = within(edit.atMs ?? lengthMs, (edits.trimStartMs ?? 0) + RANGE_MIN_MS, lengthMs)
  return { ...edits, trimEndMs: atMs >= Math.floor(lengthMs) ? null : atMs }
}

type MarkerEdit = Extract<Edit, { type: 'add-marker' | 'rename-marker' | 'move-marker' | 'delete-marker' }>

function withMarkers(edits: EditList, edit: MarkerEdit, lengthMs: number): EditList {
  switch (edit.type) {
    case 'add-marker':
      return { ...edits, markers: inOrder([...edits.markers, tidyMarker(edit.marker, lengthMs)]) }
    case 'rename-marker':
      return changedMarker(edits, edit.index, { text: edit.text.slice(0, TITLE_MAX_CHARS) })
    case 'move-marker':
      return changedMarker(edits, edit.index, { atMs: within(edit.atMs, 0, lengthMs) })
    case 'delete-marker':
      return { ...edits, markers: edits.markers.toSpliced(edit.index, 1) }
  }
}

function changedMarker(edits: EditList, index: number, change: Partial<TakeMarker>): EditList {
  const marker = edits.markers[index]
  if (marker === undefined) return edits
  return { ...edits, markers: inOrder(edits.markers.with(index, { ...marker, ...change })) }
}

function tidyMarker({ atMs, text }: TakeMarker, lengthMs: number): TakeMarker {
  return { atMs: within(atMs, 0, lengthMs), text: text.slice(0, TITLE_MAX_CHARS) }
}

function inOrder(markers: readonly TakeMarker[]): TakeMarker[] {
  return markers.toSorted((a, b) => a.atMs - b.atMs)
}

function withLeftOut(edits: EditList, participantId: ParticipantId, leftOut: boolean): EditList {
  if (edits.leftOut.includes(participantId) === leftOut) return edits
  return {
    ...edits,
    leftOut: leftOut ? [...edits.leftOut, participantId] : edits.leftOut.filter((id) => id !== participantId),
  }
}

/** None is as good as 0 dB. */
function withGain(edits: EditList, participantId: ParticipantId, gainDb: number): EditList {
  const { [participantId]: _, ...others } = edits.gainsDb
  return { ...edits, gainsDb: gainDb === 0 ? others : { ...others, [participantId]: within(gainDb, -20, 20) } }
}

function within(value: number, min: number, max: number): number {
  return Math.round(Math.max(min, Math.min(max, value)))
}

/** Steps that follow each other with the same name are undone as one: a slider's way, the letters of a marker. */
export function nameOfStep(edit: Edit): string | null {
  switch (edit.type) {
    case 'gain':
      return `gain ${edit.participantId}`
    case 'rename-marker':
      return `rename-marker ${edit.index}`
    default:
      return null
  }
}
