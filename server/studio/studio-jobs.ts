import type { TakeId } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { NowMs } from '../clock.ts'
import type { JobView } from '../contract/views.ts'
import type { TakePlace } from '../takes/take-files.ts'
import type { JobBoard } from './job-board.ts'
import type { JobRunner } from './job-runner.ts'
import type { JobStore, NewJob } from './jobs.db.ts'
import type { JobQueue } from './queue/job-queue.ts'
import { isUnfinished, type RenderJob } from './render-job.ts'
import type { StudioFiles } from './studio-files.ts'
import { JOBS_LISTED_COUNT, PREVIEWS_KEPT_COUNT } from './studio-limits.ts'

export interface StudioJobsDeps {
  jobs: JobStore
  board: JobBoard
  queue: Pick<JobQueue, 'enqueue' | 'nudge'>
  runner: Pick<JobRunner, 'cancel'>
  files: StudioFiles
  placeOf(job: RenderJob): Promise<TakePlace | null>
  nowMs: NowMs
}

/** A preview is waited for in front of the screen. */
const PREVIEW_PRIORITY = 1
const PRIORITY = 0

/** The jobs of all takes: rows, queue, runner and those who watch, kept in step. */
export class StudioJobs {
  readonly #deps: StudioJobsDeps

  constructor(deps: StudioJobsDeps) {
    this.#deps = deps
  }

  get board(): JobBoard {
    return this.#deps.board
  }

  find(jobId: string): Promise<RenderJob | null> {
    return this.#deps.jobs.find(jobId)
  }

  async ofTake(takeId: TakeId): Promise<JobView[]> {
    return (await this.#deps.jobs.ofTake(takeId)).map((job) => this.board.view(job))
  }

  countUnfinishedOfHost(hostId: string): Promise<number> {
    return this.#deps.jobs.countUnfinishedOfHost(hostId)
  }

  newestDoneAssembly(takeId: TakeId): Promise<RenderJob | null> {
    return this.#deps.jobs.newestAssembly(takeId, 'done')
  }

  /** It will read all that is here when its turn comes: a second one is not needed. */
  waitingAssembly(takeId: TakeId): Promise<RenderJob | null> {
    return this.#deps.jobs.newestAssembly(takeId, 'waiting')
  }

  async add(job: NewJob): Promise<JobView> {
    const { jobs, queue, board } = this.#deps
    const added = await jobs.insert(job, (transaction) => queue.enqueue(transaction, queued(job)))
    queue.nudge()
    board.onChanged(added)
    return board.view(added)
  }

  /** @throws Refusal `nothing-to-do` where it has ended. */
  async cancel({ jobId }: RenderJob): Promise<void> {
    const { jobs, board, runner, nowMs } = this.#deps
    if (runner.cancel(jobId)) return
    const cancelled = await jobs.update(jobId, ['waiting'], { state: 'cancelled', endedAtMs: nowMs() })
    if (cancelled !== null) board.onChanged(cancelled)
    else if (!runner.cancel(jobId)) throw new Refusal('nothing-to-do', 'That job has ended already.')
  }

  /** What an earlier run of the server left unfinished begins anew, in its old order. Before the queue starts. */
  async resume(): Promise<void> {
    const { jobs, queue } = this.#deps
    for (const job of await jobs.unfinished()) {
      await jobs.requeue(job.jobId, (transaction) => queue.enqueue(transaction, queued(job)))
    }
  }

  /** Old jobs go out of the list, and of many previews the newest few stay. After a job has ended. */
  async prune({ takeId }: RenderJob): Promise<void> {
    const { jobs, board } = this.#deps
    const all = await jobs.ofTake(takeId, JOBS_LISTED_COUNT * 2)
    const assembly = await this.newestDoneAssembly(takeId)
    const tooMany = all.slice(JOBS_LISTED_COUNT)
    const oldPreviews = all.filter(isDonePreview).slice(PREVIEWS_KEPT_COUNT)
    const gone = new Set(
      [...tooMany, ...oldPreviews].filter((job) => !isUnfinished(job) && job.jobId !== assembly?.jobId),
    )
    if (gone.size === 0) return
    for (const job of gone) await this.#removeFiles(job)
    await jobs.remove([...gone].map((job) => job.jobId))
    board.onRemoved(takeId)
  }

  /** Renders that ended before that lose their files; that they were made stays known. */
  async removeOldFiles(endedBeforeMs: number): Promise<void> {
    const { jobs, board } = this.#deps
    for (const job of await jobs.withOldFiles(endedBeforeMs)) {
      await this.#removeFiles(job)
      const bare = await jobs.update(job.jobId, [job.state], { files: [] })
      if (bare !== null) board.onChanged(bare)
    }
  }

  async #removeFiles(job: RenderJob): Promise<void> {
    const place = await this.#deps.placeOf(job)
    if (place !== null) await this.#deps.files.removeRender(place, job.jobId)
  }
}

function queued({ jobId, request }: Pick<NewJob, 'jobId' | 'request'>) {
  return { jobId, priority: request.kind === 'preview' ? PREVIEW_PRIORITY : PRIORITY }
}

function isDonePreview({ request, state }: RenderJob): boolean {
  return request.kind === 'preview' && state === 'done'
}
