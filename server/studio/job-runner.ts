import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { type ReasonCode, Refusal } from '../../sfu-core/contract/reasons.ts'
import type { JobState } from '../../sfu-core/contract/render.ts'
import type { NowMs } from '../clock.ts'
import { isDatabaseGone } from '../db/database-errors.ts'
import { systemCodeOf } from '../start-problem.ts'
import type { TakePlace } from '../takes/take-files.ts'
import type { JobBoard } from './job-board.ts'
import type { PreparedJob } from './job-tasks.ts'
import type { JobStore } from './jobs.db.ts'
import type { JobChange, RenderJob } from './render-job.ts'
import type { StudioFiles } from './studio-files.ts'
import { DATABASE_RETRY_MS, JOB_DEATHS_COUNT, JOB_STARTS_COUNT, PROGRESS_SAVE_INTERVAL_MS } from './studio-limits.ts'
import { type RunEnd, type StudioRun, type StudioRunOptions, startStudioRun } from './studio-process.ts'
import type { WorkerProgress } from './worker-messages.ts'

export interface JobRunnerDeps {
  jobs: Pick<JobStore, 'find' | 'update'>
  board: JobBoard
  files: StudioFiles
  placeOf(job: RenderJob): Promise<TakePlace | null>
  /** @throws Refusal why it cannot be done. */
  prepare(job: RenderJob, workFolder: string): Promise<PreparedJob>
  /** It has ended, whichever way. */
  onEnded(job: RenderJob): void
  /** No job starts on a disk with less room: the rooms' own recordings need what is left. */
  minFreeBytes: number
  nowMs: NowMs
  steadyMs: NowMs
  log: Logger
  /** In tests: another process. */
  startRun?: (options: StudioRunOptions) => StudioRun
}

/** What the runner holds of a job while it is its turn. */
interface Turn {
  job: RenderJob
  cancelled: boolean
  run: StudioRun | null
  savedAtMs: number
}

const UNFINISHED: JobState[] = ['waiting', 'running']

/** Runs jobs, each in a process of its own, and writes down how they end. What it does not bring to an end runs again at the next start. */
export class JobRunner {
  readonly #deps: JobRunnerDeps
  readonly #turns = new Map<string, Turn>()
  readonly #stopping = new AbortController()

  constructor(deps: JobRunnerDeps) {
    this.#deps = deps
  }

  /** Resolves when the job has ended, or the runner was closed. Never rejects. */
  async run(jobId: string): Promise<void> {
    try {
      const job = await this.#untilDatabaseAnswers(() => this.#deps.jobs.find(jobId))
      if (job === null || !UNFINISHED.includes(job.state)) return
      await this.#take(job)
    } catch (error) {
      if (!this.#isStopping) this.#deps.log.error({ err: error, jobId }, 'a studio job could not be run')
    }
  }

  /** False where it is not its turn (now). */
  cancel(jobId: string): boolean {
    const turn = this.#turns.get(jobId)
    if (turn === undefined) return false
    turn.cancelled = true
    turn.run?.abort()
    return true
  }

  /** At once: the processes are killed, and their jobs stay unfinished. Idempotent. */
  close(): void {
    this.#stopping.abort()
    for (const turn of this.#turns.values()) turn.run?.kill()
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  async #take(job: RenderJob): Promise<void> {
    const turn: Turn = { job, cancelled: false, run: null, savedAtMs: this.#deps.steadyMs() }
    this.#turns.set(job.jobId, turn)
    try {
      const end = await this.#tryUntilEnd(turn)
      if (end !== null) await this.#end(turn, end)
    } finally {
      this.#turns.delete(job.jobId)
    }
  }

  /** How it ended; null: it was cancelled before it began, or the server stops. */
  async #tryUntilEnd(turn: Turn): Promise<JobChange | null> {
    for (;;) {
      const end = await this.#tryOnce(turn)
      if (end !== 'again') return end
    }
  }

  async #tryOnce(turn: Turn): Promise<JobChange | 'again' | null> {
    const { job } = turn
    if (job.startCount >= JOB_STARTS_COUNT || job.deathCount >= JOB_DEATHS_COUNT) return failed('render-failed')
    const place = await this.#deps.placeOf(job)
    if (place === null) return failed('not-allowed')
    const name = `${job.jobId}-${job.startCount + 1}`
    const workFolder = await this.#deps.files.newWorkFolder(place, name).catch((error: unknown) => error)
    if (typeof workFolder !== 'string') return this.#failureOf(workFolder, job)
    try {
      return await this.#workIn(turn, workFolder)
    } catch (error) {
      return this.#isStopping ? null : this.#failureOf(error, job)
    } finally {
      if (!this.#isStopping)
        await this.#deps.files.removeWorkFolder(workFolder).catch((error) => this.#onTrouble(error, job))
    }
  }

  async #workIn(turn: Turn, workFolder: string): Promise<JobChange | 'again' | null> {
    await this.#assertRoom()
    const prepared = await this.#deps.prepare(turn.job, workFolder)
    const job = await this.#begin(turn, prepared.begun)
    if (job === null || this.#isStopping) return null
    if (turn.cancelled) return CANCELLED
    const end = await this.#process(turn, prepared)
    if (this.#isStopping) return null
    return this.#afterProcess(turn, end, prepared)
  }

  async #assertRoom(): Promise<void> {
    if ((await this.#deps.files.freeBytes()) > this.#deps.minFreeBytes) return
    throw new Refusal('server-disk-full', 'The disk has too little room for a render.')
  }

  /** Null: it was cancelled just before. */
  #begin(turn: Turn, begun: JobChange): Promise<RenderJob | null> {
    const { startCount } = turn.job
    const change: JobChange = { ...begun, state: 'running', step: 'reading', progress: 0, startCount: startCount + 1 }
    return this.#save(turn, change)
  }

  async #process(turn: Turn, { task }: PreparedJob): Promise<RunEnd> {
    const { log, startRun = startStudioRun } = this.#deps
    const run = startRun({ task, log, onProgress: (progress) => this.#onProgress(turn, progress) })
    turn.run = run
    if (this.#isStopping) run.kill()
    if (turn.cancelled) run.abort()
    const end = await run.ended
    turn.run = null
    return end
  }

  async #afterProcess(turn: Turn, end: RunEnd, prepared: PreparedJob): Promise<JobChange | 'again' | null> {
    const { log } = this.#deps
    const { jobId, deathCount } = turn.job
    switch (end.how) {
      case 'done':
        return turn.cancelled ? CANCELLED : { ...DONE, ...(await prepared.finish(end.outcome)) }
      case 'aborted':
        return CANCELLED
      case 'failed':
        log.warn({ jobId, reason: end.reason, message: end.message }, 'a studio job failed')
        return failed(end.reason)
      case 'died':
        log.error({ jobId, detail: end.detail }, 'the process of a studio job died')
        return (await this.#save(turn, { deathCount: deathCount + 1 })) === null ? null : 'again'
    }
  }

  #onProgress(turn: Turn, { step, progress }: WorkerProgress): void {
    const { board, steadyMs, jobs } = this.#deps
    board.onProgress(turn.job, { step, progress })
    const nowMs = steadyMs()
    if (nowMs - turn.savedAtMs < PROGRESS_SAVE_INTERVAL_MS) return
    turn.savedAtMs = nowMs
    jobs
      .update(turn.job.jobId, ['running'], { step, progress })
      .catch((error: unknown) => this.#onTrouble(error, turn.job))
  }

  async #end(turn: Turn, change: JobChange): Promise<void> {
    const job = await this.#save(turn, { ...change, endedAtMs: this.#deps.nowMs() })
    if (job !== null) this.#deps.onEnded(job)
  }

  /** The job as it is now; null where it has ended meanwhile. */
  async #save(turn: Turn, change: JobChange): Promise<RenderJob | null> {
    const { jobs, board } = this.#deps
    const job = await this.#untilDatabaseAnswers(() => jobs.update(turn.job.jobId, UNFINISHED, change))
    if (job === null) return null
    turn.job = job
    board.onChanged(job)
    return job
  }

  #failureOf(error: unknown, job: RenderJob): JobChange {
    if (error instanceof Refusal) return failed(error.code)
    if (systemCodeOf(error) === 'ENOSPC') return failed('server-disk-full')
    this.#onTrouble(error, job)
    return failed('render-failed')
  }

  #onTrouble(error: unknown, { jobId }: RenderJob): void {
    if (!this.#isStopping) this.#deps.log.error({ err: error, jobId }, 'a studio job has a fault')
  }

  /** An hour's work is not thrown away because the database is away for a moment. */
  async #untilDatabaseAnswers<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        if (!isDatabaseGone(error) || this.#isStopping) throw error
        await delay(DATABASE_RETRY_MS, undefined, { signal: this.#stopping.signal })
      }
    }
  }
}

const DONE: JobChange = { state: 'done', progress: 1 }
const CANCELLED: JobChange = { state: 'cancelled' }

function failed(reason: ReasonCode): JobChange {
  return { state: 'failed', reason }
}
