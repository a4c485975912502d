import type { TimeRange } from '../../../sfu-core/contract/edits.ts'

/** Shorter ones are slips of the hand. */
export const RANGE_MIN_MS = 10

/** In order and in whole ms, within the take; null where nothing worth the name is left. */
export function tidyRange({ fromMs, toMs }: TimeRange, lengthMs: number): TimeRange | null {
  const from = Math.round(Math.max(0, Math.min(fromMs, toMs)))
  const to = Math.round(Math.min(lengthMs, Math.max(fromMs, toMs)))
  return to - from < RANGE_MIN_MS ? null : { fromMs: from, toMs: to }
}

/** In order; what overlaps or touches becomes one. */
export function merged(ranges: readonly TimeRange[]): TimeRange[] {
  const result: TimeRange[] = []
  for (const { fromMs, toMs } of ranges.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1)
    if (last !== undefined && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs)
    else result.push({ fromMs, toMs })
  }
  return result
}

export function lengthOf(ranges: readonly TimeRange[]): number {
  return ranges.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
}
