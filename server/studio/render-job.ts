import type { EditList } from '../../sfu-core/contract/edits.ts'
import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { JobView } from '../contract/views.ts'

/** A job as it is kept. */
export interface RenderJob extends JobView {
  takeId: TakeId
  /** Null for `assemble`, which no edit touches. */
  edits: EditList | null
  startCount: number
  deathCount: number
  chunkCount: number | null
}

/** What people see of it. */
export function viewOf(job: RenderJob): JobView {
  const { jobId, takeId, request, state, step, progress, createdAtMs, endedAtMs, reason, files, facts } = job
  return { jobId, takeId, request, state, step, progress, createdAtMs, endedAtMs, reason, files, facts }
}

/** How a job ended, or that it begins. */
export type JobChange = Partial<
  Pick<
    RenderJob,
    | 'state'
    | 'step'
    | 'progress'
    | 'startCount'
    | 'deathCount'
    | 'chunkCount'
    | 'reason'
    | 'files'
    | 'facts'
    | 'endedAtMs'
  >
>

export function isUnfinished({ state }: Pick<JobView, 'state'>): boolean {
  return state === 'waiting' || state === 'running'
}
