import type { CaptureMark, CaptureNote, ClockSync, TapeChunkHeader } from '../../sfu-core/contract/tape.ts'
import { TAPE_SAMPLE_RATE_HZ } from '../../sfu-core/contract/tape.ts'
import { fitTape } from '../../sfu-core/contract/tape-timeline.ts'
import { TAPE_MARKS_KEPT } from '../limits.ts'

/** The last of a tape's clocks, and the stalls found so far: enough to find the next one. */
export interface StallWatch {
  marks: CaptureMark[]
  notes: CaptureNote[]
  /** Stalls are looked for from here on. */
  fromSample: number
  stallCount: number
  stallMs: number
}

export const NO_STALLS: StallWatch = { marks: [], notes: [], fromSample: 0, stallCount: 0, stallMs: 0 }

/** What is younger may still turn out to be a busy computer: a stall is a step that stays for four seconds (find-stalls.ts). */
const SETTLED_SAMPLES = 6 * TAPE_SAMPLE_RATE_HZ
/** The same stall, seen from the next chunk, may be placed a little beside. */
const SAME_STALL_SAMPLES = TAPE_SAMPLE_RATE_HZ

/** Half a minute of marks, a minute of syncs, and a computer that slept meanwhile. */
const SPAN_MAX_MS = 6 * 3_600_000

/**
 * Looks for stalls as the tape grows. The report of the whole take (made from all clocks at once) has the last word;
 * this is to tell people while they can still do something.
 */
export function watched(watch: StallWatch, header: TapeChunkHeader, syncs: readonly ClockSync[]): StallWatch {
  const marks = [...watch.marks, ...header.marks].slice(-TAPE_MARKS_KEPT)
  const [oldest] = marks[0] ?? [0]
  const notes = [...watch.notes, ...header.notes].filter((note) => note.sample >= oldest)
  const sampleCount = header.firstSample + header.sampleCount
  const untilSample = Math.max(watch.fromSample, sampleCount - SETTLED_SAMPLES)
  const stalls = isSane(marks, syncs) ? (fitTape({ marks, syncs, notes, sampleCount })?.stalls ?? []) : []
  const found = stalls.filter(({ sample }) => sample > watch.fromSample && sample <= untilSample)
  const lastSample = found.at(-1)?.sample ?? 0
  return {
    marks,
    notes,
    fromSample: Math.max(untilSample, lastSample + SAME_STALL_SAMPLES),
    stallCount: watch.stallCount + found.length,
    stallMs: watch.stallMs + found.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, toMs - fromMs), 0),
  }
}

/** Clocks that a page made up must not cost the server: a fit takes the longer, the longer the time it is for. */
function isSane(marks: readonly CaptureMark[], syncs: readonly ClockSync[]): boolean {
  const pageMs = [...marks.map(([, atMs]) => atMs), ...syncs.map((sync) => sync.monotonicMs)]
  const takeMs = syncs.map((sync) => sync.takeMs)
  return [pageMs, takeMs].every((times) => Math.max(...times) - Math.min(...times) <= SPAN_MAX_MS)
}
