import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import type { Logger } from 'pino'
import { MEDIA_SEMI_SPACE_MB } from '../../sfu-core/contract/limits.ts'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import { COMPILE_CACHE_FOLDER } from '../compile-cache.ts'
import { ABORT_GRACE_MS, WORKER_HEAP_MAX_MB } from './studio-limits.ts'
import {
  type FromWorker,
  fromWorkerSchema,
  type StudioOutcome,
  type StudioTask,
  type ToWorker,
  type WorkerProgress,
} from './worker-messages.ts'

/** One job in a process of its own: it may take all the time and memory that it was given, or crash, and no room hears of it. */
export interface StudioRun {
  /** Never rejects. */
  readonly ended: Promise<RunEnd>
  /** In order if it can be, else after ABORT_GRACE_MS all the same. */
  abort(): void
  /** At once. */
  kill(): void
}

export type RunEnd =
  | { how: 'done'; outcome: StudioOutcome }
  | { how: 'failed'; reason: ReasonCode; message: string }
  /** By us. */
  | { how: 'aborted' }
  /** By itself, without a word. */
  | { how: 'died'; detail: string }

export interface StudioRunOptions {
  task: StudioTask
  onProgress(progress: WorkerProgress): void
  log: Logger
}

const ENTRY = path.join(import.meta.dirname, 'worker', 'main.ts')
/** Nothing of the server's secrets goes to a process that decodes foreign files. */
const ENVIRONMENT_KEPT = /^(PATH|HOME|TMPDIR|TEMP|TMP|SystemRoot|LANG|LC_ALL|LD_LIBRARY_PATH|TZ)$/i
const LAST_WORDS_MAX_CHARS = 2_000

export function startStudioRun(options: StudioRunOptions): StudioRun {
  return new Run(options)
}

class Run implements StudioRun {
  readonly ended: Promise<RunEnd>
  readonly #options: StudioRunOptions
  readonly #child: ChildProcess
  #result: RunEnd | null = null
  #stopped = false
  #lastWords = ''
  #killTimer: NodeJS.Timeout | undefined

  constructor(options: StudioRunOptions) {
    this.#options = options
    const child = fork(ENTRY, [], {
      env: environment(),
      // A small young generation: a mix of an hour takes 366 MB with it (npm run bench -- mix), and some 80 more without.
      execArgv: [
        ...process.execArgv,
        `--max-old-space-size=${WORKER_HEAP_MAX_MB}`,
        `--max-semi-space-size=${MEDIA_SEMI_SPACE_MB}`,
      ],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (said: string) => {
      this.#lastWords = (this.#lastWords + said).slice(-LAST_WORDS_MAX_CHARS)
    })
    child.on('message', (message) => this.#onMessage(message))
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        if (child.pid === undefined) resolve({ how: 'died', detail: error.message })
      })
      child.once('close', (code, signal) => resolve(this.#endOf(code, signal)))
    })
  }

  abort(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#tell({ type: 'abort' })
    this.#killTimer = setTimeout(() => this.#child.kill('SIGKILL'), ABORT_GRACE_MS)
  }

  kill(): void {
    this.#stopped = true
    this.#child.kill('SIGKILL')
  }

  #onMessage(message: unknown): void {
    const { data } = fromWorkerSchema.safeParse(message)
    if (data === undefined) this.#options.log.warn('the studio process said something that is not understood')
    else this.#onWord(data)
  }

  #onWord(word: FromWorker): void {
    switch (word.type) {
      case 'ready':
        this.#tell({ type: 'run', task: this.#options.task })
        return
      case 'progress':
        if (!this.#stopped) this.#options.onProgress(word)
        return
      case 'done':
        this.#result = { how: 'done', outcome: word.outcome }
        return
      case 'failed':
        this.#result = { how: 'failed', reason: word.reason, message: word.message }
    }
  }

  /** What has been done counts, even if the wish to stop crossed it. */
  #endOf(code: number | null, signal: string | null): RunEnd {
    clearTimeout(this.#killTimer)
    if (this.#result?.how === 'done') return this.#result
    if (this.#stopped) return { how: 'aborted' }
    return this.#result ?? { how: 'died', detail: `${signal ?? `code ${code}`} ${this.#lastWords}`.trim() }
  }

  /** A child that has just ended is noticed by its end. */
  #tell(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => {})
  }
}

function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => ENVIRONMENT_KEPT.test(name))
  return { NODE_COMPILE_CACHE: COMPILE_CACHE_FOLDER, ...Object.fromEntries(kept) }
}
