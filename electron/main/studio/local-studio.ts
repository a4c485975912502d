import type { ReasonCode } from '../../../sfu-core/contract/reasons.ts'
import type { LocalJob, LocalRequest, LocalTake } from '../../contract/studio.ts'
import type { FromStudioHost, StudioTask } from '../../studio-host/messages.ts'
import type { Log } from '../log.ts'
import { findTakeFolder } from '../take-folder.ts'
import { exportFile, exportFolder } from './export-names.ts'
import { localTake } from './local-take.ts'

export interface StudioProcessEvents {
  onMessage(message: FromStudioHost): void
  /** Once, at the end of the process. */
  onExit(detail: string): void
}

export interface StudioProcess {
  abort(): void
  kill(): void
}

export interface LocalStudioOptions {
  takesFolder: string
  startProcess(task: StudioTask, events: StudioProcessEvents): StudioProcess
  onJob(job: LocalJob): void
  nowMs(): number
  /** Calls back later; returns the end. */
  after(delayMs: number, call: () => void): () => void
  log: Log
}

/** One that was asked to stop removes what it had begun; one that does not come to it is killed. */
export const ABORT_GRACE_MS = 5_000

interface Running {
  /** Counts up: what an earlier process still says is not this one's. */
  id: number
  job: LocalJob
  process: StudioProcess
  endGrace: (() => void) | null
}

/** Puts takes together that are on this computer, and exports them: one job at a time, each in a process of its own. */
export class LocalStudio {
  readonly #options: LocalStudioOptions
  /** The newest of each take. */
  readonly #jobs = new Map<string, LocalJob>()
  #running: Running | null = null
  #lastId = 0
  /** Between the wish and the process. */
  #isStarting = false

  constructor(options: LocalStudioOptions) {
    this.#options = options
  }

  /** null: this computer does not have it. */
  async take(takeId: string): Promise<LocalTake | null> {
    const folder = await findTakeFolder(this.#options.takesFolder, takeId)
    return folder === null ? null : { ...(await localTake(folder)), job: this.#jobs.get(takeId) ?? null }
  }

  /** @throws Error where a job runs already, the take is not here, or not put together. */
  async start(takeId: string, request: LocalRequest): Promise<LocalJob> {
    if (this.#running !== null || this.#isStarting) throw new Error('Refused: the studio is at work already.')
    this.#isStarting = true
    try {
      const task = await this.#taskFor(takeId, request)
      return this.#run({ takeId, kind: request.kind }, task)
    } finally {
      this.#isStarting = false
    }
  }

  /** Nothing happens where none runs. */
  cancel(takeId: string): void {
    const running = this.#running
    if (running === null || running.job.takeId !== takeId || running.endGrace !== null) return
    running.process.abort()
    running.endGrace = this.#options.after(ABORT_GRACE_MS, () => running.process.kill())
  }

  /** Idempotent. */
  close(): void {
    this.#running?.process.kill()
  }

  async #taskFor(takeId: string, request: LocalRequest): Promise<StudioTask> {
    const { takesFolder, nowMs } = this.#options
    const takeFolder = await findTakeFolder(takesFolder, takeId)
    if (takeFolder === null) throw new Error('Refused: that take is not on this computer.')
    if (request.kind === 'assemble') return { kind: 'assemble', takeFolder, nowMs: nowMs() }
    const { report } = await localTake(takeFolder)
    if (report === null) throw new Error('Refused: the take was not put together yet.')
    if (request.kind === 'mix') {
      const outFile = await exportFile(takeFolder, report.roomTitle, request.format)
      return { ...request, takeFolder, report, outFile }
    }
    return { ...request, takeFolder, report, outFolder: await exportFolder(takeFolder, report.roomTitle) }
  }

  #run({ takeId, kind }: Pick<LocalJob, 'takeId' | 'kind'>, task: StudioTask): LocalJob {
    const job: LocalJob = {
      takeId,
      kind,
      state: 'running',
      step: 'reading',
      progress: 0,
      reason: null,
      files: [],
      facts: null,
    }
    this.#lastId += 1
    const id = this.#lastId
    const process = this.#options.startProcess(task, {
      onMessage: (message) => this.#running?.id === id && this.#heard(message),
      onExit: (detail) => this.#running?.id === id && this.#ended(detail),
    })
    this.#running = { id, job, process, endGrace: null }
    this.#changed({})
    return this.#running.job
  }

  #heard(message: FromStudioHost): void {
    switch (message.type) {
      case 'progress':
        this.#changed({ step: message.step, progress: message.progress })
        return
      case 'done':
        this.#finished({ state: 'done', progress: 1, files: message.files, facts: message.facts })
        return
      case 'failed':
        this.#failed(message.reason, message.detail)
    }
  }

  /** By itself, without a word: it crashed, or was killed. */
  #ended(detail: string): void {
    this.#failed('render-failed', detail)
  }

  #failed(reason: ReasonCode, detail: string): void {
    const running = this.#running
    if (running === null) return
    const wasCancelled = running.endGrace !== null
    if (!wasCancelled) this.#options.log(`studio: ${running.job.kind} failed: ${detail}`)
    this.#finished(wasCancelled ? { state: 'cancelled' } : { state: 'failed', reason })
  }

  #finished(change: Partial<LocalJob>): void {
    if (this.#running === null) return
    this.#running.endGrace?.()
    this.#changed(change)
    this.#running = null
  }

  #changed(change: Partial<LocalJob>): void {
    if (this.#running === null) return
    const job = { ...this.#running.job, ...change }
    this.#running.job = job
    this.#jobs.set(job.takeId, job)
    this.#options.onJob(job)
  }
}
