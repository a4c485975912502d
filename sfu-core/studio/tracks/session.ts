import { type EditList, editedMs, keptRanges, type TimeRange } from '../../contract/edits.ts'
import type { TakeEvent } from '../../contract/take.ts'
import type { GapCause, TakeReport } from '../../contract/take-report.ts'

/** What an editing program is told beside the sound. Times in ms of the exported files. */
export interface Session {
  title: string
  lengthMs: number
  tracks: readonly SessionTrack[]
  markers: readonly SessionMarker[]
  regions: readonly SessionRegion[]
}

export interface SessionTrack {
  name: string
  /** In the same folder. */
  file: string
  channels: number
}

interface SessionMarker {
  atMs: number
  text: string
}

interface SessionRegion extends TimeRange {
  text: string
}

const GAP_WORDS: Record<GapCause, string> = {
  stalled: 'sound card stalled',
  suspended: 'capture was suspended',
  asleep: 'computer slept',
  overrun: 'computer too busy',
  'chunk-missing': 'never arrived',
  'not-captured': 'not captured',
  damaged: 'damaged',
}

const EVENT_WORDS: Partial<Record<TakeEvent['type'], string>> = {
  'on-stage': 'goes on stage',
  'off-stage': 'leaves the stage',
  disconnected: 'connection lost',
  reconnected: 'back again',
}

export interface SessionInput {
  report: TakeReport
  edits: EditList
  /** Whether the files are trimmed and cut. */
  edited: boolean
  timeline: readonly TakeEvent[]
  title: string
}

/** Markers, gaps and who was on stage when, where they lie in the files. */
export function sessionOf(input: SessionInput, tracks: readonly SessionTrack[]): Session {
  const { report, edits, edited, title } = input
  const kept = edited ? keptRanges(edits, report.lengthMs) : [{ fromMs: 0, toMs: report.lengthMs }]
  return {
    title,
    lengthMs: kept.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0),
    tracks,
    markers: markersOf(input, kept),
    regions: gapsOf(report, edits, kept),
  }
}

function markersOf({ report, edits, timeline }: SessionInput, kept: readonly TimeRange[]): SessionMarker[] {
  const names = new Map(report.tracks.map(({ participantId, name }) => [participantId, name]))
  const events = timeline.flatMap(({ atMs, type, participantId }) => {
    const name = names.get(participantId)
    const words = EVENT_WORDS[type]
    return name && words && !edits.leftOut.includes(participantId) ? [{ atMs, text: `${name}: ${words}` }] : []
  })
  return [...edits.markers, ...events]
    .toSorted((a, b) => a.atMs - b.atMs)
    .flatMap(({ atMs, text }) => {
      const placedMs = editedMs(kept, atMs)
      return placedMs === null ? [] : [{ atMs: placedMs, text }]
    })
}

function gapsOf(report: TakeReport, edits: EditList, kept: readonly TimeRange[]): SessionRegion[] {
  return report.tracks
    .filter(({ participantId }) => !edits.leftOut.includes(participantId))
    .flatMap(({ name, gaps }) =>
      gaps.flatMap(({ fromMs, toMs, cause, filledFrom }) => {
        const filled = filledFrom === 'sfu' ? 'from the network recording' : 'silence'
        const text = `${name}: ${GAP_WORDS[cause]}, ${filled}`
        return placedRanges({ fromMs, toMs }, kept).map((range) => ({ ...range, text }))
      }),
    )
    .toSorted((a, b) => a.fromMs - b.fromMs)
}

/** A stretch of the take in what is kept of it: nothing, or one piece (kept ranges that follow each other touch). */
function placedRanges(range: TimeRange, kept: readonly TimeRange[]): TimeRange[] {
  let beforeMs = 0
  let fromMs: number | null = null
  let toMs = 0
  for (const part of kept) {
    const first = Math.max(part.fromMs, range.fromMs)
    const last = Math.min(part.toMs, range.toMs)
    if (last > first) {
      fromMs ??= beforeMs + first - part.fromMs
      toMs = beforeMs + last - part.fromMs
    }
    beforeMs += part.toMs - part.fromMs
  }
  return fromMs === null ? [] : [{ fromMs, toMs }]
}
