import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { JobFeed, JobView } from '../contract/views.ts'
import { isUnfinished, type RenderJob, viewOf } from './render-job.ts'

type Progress = Pick<JobView, 'step' | 'progress'>
type Listener = (news: News) => void
type News = Exclude<JobFeed, { type: 'jobs' }> | { type: 'all' }

/** How far running jobs are (in memory: the database hears of it less often), and who wants to know. */
export class JobBoard {
  readonly #progress = new Map<string, Progress>()
  readonly #listeners = new Map<TakeId, Set<Listener>>()

  view(job: RenderJob): JobView {
    const live = isUnfinished(job) ? this.#progress.get(job.jobId) : undefined
    return { ...viewOf(job), ...live }
  }

  onProgress(job: RenderJob, progress: Progress): void {
    this.#progress.set(job.jobId, progress)
    this.#tell(job.takeId, { type: 'job', job: this.view(job) })
  }

  /** It is new, began or ended. */
  onChanged(job: RenderJob): void {
    if (!isUnfinished(job)) this.#progress.delete(job.jobId)
    this.#tell(job.takeId, { type: 'job', job: this.view(job) })
  }

  /** Jobs went away. */
  onRemoved(takeId: TakeId): void {
    this.#tell(takeId, { type: 'all' })
  }

  onTakeChanged(takeId: TakeId): void {
    this.#tell(takeId, { type: 'take' })
  }

  listen(takeId: TakeId, listener: Listener): () => void {
    const listeners = this.#listeners.get(takeId) ?? new Set()
    this.#listeners.set(takeId, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(takeId)
    }
  }

  #tell(takeId: TakeId, news: News): void {
    for (const listener of this.#listeners.get(takeId) ?? []) listener(news)
  }
}
