import { Refusal } from '../../../sfu-core/contract/reasons.ts'

/** FFmpeg tells system errors as negative numbers (libavutil/error.h, AVERROR). */
const AVERROR_ENOSPC = -28

/** Whoever says so: we, the system, or FFmpeg. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof Refusal) return error.code === 'disk-full'
  const code = 'code' in error ? error.code : null
  return code === 'ENOSPC' || code === 'EDQUOT' || code === AVERROR_ENOSPC || isDiskFull(error.cause)
}
