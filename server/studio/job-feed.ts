import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { JobFeed, JobView } from '../contract/views.ts'
import type { JobBoard } from './job-board.ts'

export interface JobFeedOptions {
  board: JobBoard
  takeId: TakeId
  signal: AbortSignal
  list(): Promise<JobView[]>
  /** Resolves when the caller's socket takes more. */
  ready(): Promise<void>
}

/** All jobs at first, then what changes; of a job that changes quicker than the socket takes it, the newest only. */
export async function* jobFeed(options: JobFeedOptions): AsyncGenerator<JobFeed> {
  const { board, takeId, signal } = options
  const pending = new Pending()
  const end = board.listen(takeId, (news) => {
    if (news.type === 'all') pending.all = true
    else if (news.type === 'take') pending.take = true
    else pending.jobs.set(news.job.jobId, news.job)
    pending.wake()
  })
  const onAbort = () => pending.wake()
  signal.addEventListener('abort', onAbort)
  try {
    pending.all = true
    while (!signal.aborted) {
      await options.ready()
      const { all, take, jobs } = pending.drain()
      if (all) yield { type: 'jobs', jobs: await options.list() }
      else for (const job of jobs) yield { type: 'job', job }
      if (take) yield { type: 'take' }
      if (pending.isEmpty && !signal.aborted) await pending.woken
    }
  } finally {
    end()
    signal.removeEventListener('abort', onAbort)
  }
}

class Pending {
  all = false
  take = false
  readonly jobs = new Map<string, JobView>()
  #wake = Promise.withResolvers<void>()

  get woken(): Promise<void> {
    return this.#wake.promise
  }

  get isEmpty(): boolean {
    return !this.all && !this.take && this.jobs.size === 0
  }

  wake(): void {
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }

  drain(): { all: boolean; take: boolean; jobs: JobView[] } {
    const taken = { all: this.all, take: this.take, jobs: [...this.jobs.values()] }
    this.all = false
    this.take = false
    this.jobs.clear()
    return taken
  }
}
