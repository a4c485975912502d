import { formatLength } from '../app/format.ts'

/** A moment to a tenth of a second: 12:04.3 or 1:02:33.0. Cut off, not rounded, so that it never names a moment to come. */
export function formatPrecise(atMs: number): string {
  const tenths = Math.floor(Math.max(0, atMs) / 100)
  return `${formatLength(tenths * 100)}.${tenths % 10}`
}

/** A stretch of time: seconds to a tenth below a minute, else 2:10. Words for the seconds are the caller's. */
export function lengthParts(lengthMs: number): { seconds: number } | { clock: string } {
  if (lengthMs >= 59_950) return { clock: formatLength(lengthMs) }
  if (lengthMs > 0 && lengthMs < 100) return { seconds: Math.max(0.01, Math.round(lengthMs / 10) / 100) }
  return { seconds: Math.round(lengthMs / 100) / 10 }
}
