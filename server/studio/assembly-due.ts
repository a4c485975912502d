import type { RenderJob } from './render-job.ts'
import { LATE_CHUNKS_QUIET_MS, TAPES_QUIET_MS } from './studio-limits.ts'
import type { TapeFacts } from './studio-tapes.ts'

export interface AssemblySituation {
  /** Of the take; null: it runs. */
  endedAtMs: number | null
  /** The SFU's tracks that are to come are here. */
  hasTracks: boolean
  tapes: TapeFacts
  /** The newest assembly, whatever came of it. */
  last: Pick<RenderJob, 'state' | 'chunkCount' | 'endedAtMs'> | null
  nowMs: number
}

/** How long to wait before the take is assembled: 0 is now; null: there is nothing to do until there is news. */
export function assemblyDueInMs(situation: AssemblySituation): number | null {
  const { endedAtMs, hasTracks, tapes, last, nowMs } = situation
  const isHere = hasTracks && tapes.hereCount === tapes.chunkCount
  if (endedAtMs === null || !isHere || (last !== null && !isOutdated(last, tapes))) return null
  if (tapes.isComplete) return 0
  const quietMs = last === null ? TAPES_QUIET_MS : LATE_CHUNKS_QUIET_MS
  const sinceMs = nowMs - Math.max(tapes.newsAtMs ?? 0, endedAtMs)
  // A clock that was set back must not make it wait for hours.
  return Math.min(Math.max(quietMs - sinceMs, 0), quietMs)
}

/** One that waits or runs is looked at again when it ends. One that failed is tried again when there is more to work with. */
function isOutdated(last: NonNullable<AssemblySituation['last']>, tapes: TapeFacts): boolean {
  switch (last.state) {
    case 'waiting':
    case 'running':
      return false
    case 'done':
      return last.chunkCount !== tapes.chunkCount
    case 'failed':
    case 'cancelled':
      return (tapes.newsAtMs ?? 0) > (last.endedAtMs ?? 0)
  }
}
