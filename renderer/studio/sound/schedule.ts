import type { TimeRange } from '../../../sfu-core/contract/edits.ts'

/** A stretch of the take that sounds from `atS` on, by the audio context's clock. Times of the take in ms. */
export interface Scheduled extends TimeRange {
  atS: number
}

/** The next stretch to play from `fromMs` on: within what is kept, and within one piece. null: the end. */
export function nextStretch(kept: readonly TimeRange[], fromMs: number, pieceMs: number): TimeRange | null {
  const range = kept.find(({ toMs }) => toMs > fromMs)
  if (range === undefined) return null
  const startMs = Math.max(fromMs, range.fromMs)
  const pieceEndMs = (Math.floor(startMs / pieceMs) + 1) * pieceMs
  return { fromMs: startMs, toMs: Math.min(range.toMs, pieceEndMs) }
}

/** What is left of `stretch` without the muted ranges. */
export function audibleParts(stretch: TimeRange, muted: readonly TimeRange[]): TimeRange[] {
  let parts = [stretch]
  for (const mute of muted) parts = parts.flatMap((part) => without(part, mute))
  return parts
}

function without(part: TimeRange, mute: TimeRange): TimeRange[] {
  if (mute.toMs <= part.fromMs || mute.fromMs >= part.toMs) return [part]
  const before = { fromMs: part.fromMs, toMs: mute.fromMs }
  const after = { fromMs: mute.toMs, toMs: part.toMs }
  return [before, after].filter(({ fromMs, toMs }) => toMs > fromMs)
}

/** Which moment of the take sounds at `timeS`; null before the first and after the last stretch. */
export function positionAt(scheduled: readonly Scheduled[], timeS: number): number | null {
  const current = scheduled.findLast(({ atS }) => atS <= timeS)
  if (current === undefined) return scheduled[0]?.fromMs ?? null
  return Math.min(current.toMs, current.fromMs + (timeS - current.atS) * 1_000)
}
