import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { fromDrizzle, PgBoss } from 'pg-boss'
import type { Logger } from 'pino'
import type { Sql } from 'postgres'
import * as z from 'zod'
import type { Queries } from '../../db/database.ts'
import { isDatabaseGone } from '../../db/database-errors.ts'
import { QUEUE_LOOK_INTERVAL_MS } from '../studio-limits.ts'
import { queueDatabase } from './queue-database.ts'

/** Whose turn it is. What a job is, and how far it came, is in render_jobs; here are only their ids, in order. */
export interface JobQueue {
  /** Makes or updates pg-boss's own tables, and forgets what an earlier run left behind. */
  open(): Promise<void>
  /** Runs what comes, `jobsAtOnce` at a time. */
  start(run: (jobId: string) => Promise<void>): void
  /** In the caller's transaction; higher priorities first, then in order. `nudge` after the commit. */
  enqueue(transaction: Queries, job: QueuedJob): Promise<void>
  /** Something waits. */
  nudge(): void
  /** Waits for the runs that are under way. Idempotent. */
  close(): Promise<void>
}

export interface QueuedJob {
  jobId: string
  priority: number
}

export interface JobQueueOptions {
  /** A line to the database with one connection. */
  line: Sql
  jobsAtOnce: number
  log: Logger
}

const QUEUE = 'studio'
const SCHEMA = 'pgboss'
/** The longest that pg-boss allows; our own rows say what becomes of a job. */
const EXPIRE_S = 24 * 3600 - 1
const KEPT_WAITING_S = 30 * 24 * 3600
const KEPT_DONE_S = 3600
/** Of each step of the end; with nobody at the other end of the line it may not come by itself. */
const STOP_TIMEOUT_MS = 400

const dataSchema = z.object({ jobId: z.string() })

export function createJobQueue(options: JobQueueOptions): JobQueue {
  return new Queue(options)
}

class Queue implements JobQueue {
  readonly #log: Logger
  readonly #jobsAtOnce: number
  readonly #boss: PgBoss
  readonly #lanes: Promise<void>[] = []
  #wake = Promise.withResolvers<void>()
  #stopping = false
  #closed: Promise<void> | null = null

  constructor({ line, jobsAtOnce, log }: JobQueueOptions) {
    this.#log = log
    this.#jobsAtOnce = jobsAtOnce
    this.#boss = new PgBoss({ db: queueDatabase(line), schema: SCHEMA, schedule: false })
    this.#boss.on('error', (error) => this.#onTrouble(error))
    this.#boss.on('warning', (warning) => log.debug({ warning }, 'the job queue warns'))
  }

  async open(): Promise<void> {
    await this.#boss.start()
    const times = { expireInSeconds: EXPIRE_S, retentionSeconds: KEPT_WAITING_S, deleteAfterSeconds: KEPT_DONE_S }
    await this.#boss.createQueue(QUEUE, { ...times, retryLimit: 0 })
    await this.#boss.deleteAllJobs(QUEUE)
  }

  start(run: (jobId: string) => Promise<void>): void {
    for (let lane = 0; lane < this.#jobsAtOnce; lane++) this.#lanes.push(this.#serve(run))
  }

  async enqueue(transaction: Queries, { jobId, priority }: QueuedJob): Promise<void> {
    await this.#boss.send(QUEUE, { jobId }, { priority, db: fromDrizzle(transaction, sql) })
  }

  nudge(): void {
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }

  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #serve(run: (jobId: string) => Promise<void>): Promise<void> {
    while (!this.#stopping) {
      const woken = this.#wake.promise
      const next = await this.#next()
      if (next === null) await sooner(woken, QUEUE_LOOK_INTERVAL_MS)
      else if (!this.#stopping) await this.#runOne(next, run)
    }
  }

  async #next(): Promise<{ id: string; jobId: string } | null> {
    try {
      const [job] = await this.#boss.fetch<unknown>(QUEUE)
      return job === undefined ? null : { id: job.id, ...dataSchema.parse(job.data) }
    } catch (error) {
      this.#onTrouble(error)
      return null
    }
  }

  async #runOne({ id, jobId }: { id: string; jobId: string }, run: (jobId: string) => Promise<void>): Promise<void> {
    await run(jobId)
    if (this.#stopping) return
    await this.#boss.complete(QUEUE, id).catch((error: unknown) => this.#onTrouble(error))
  }

  #onTrouble(error: unknown): void {
    if (this.#stopping || isDatabaseGone(error))
      this.#log.debug({ err: error }, 'the job queue cannot reach the database')
    else this.#log.error({ err: error }, 'the job queue has a fault')
  }

  async #end(): Promise<void> {
    this.#stopping = true
    this.nudge()
    // One that hangs in the file system runs again at the next start.
    await inTime(Promise.all(this.#lanes))
    const stopped = this.#boss.stop({ graceful: false, close: false })
    await inTime(stopped)
  }
}

function inTime(end: Promise<unknown>): Promise<unknown> {
  return Promise.race([end, delay(STOP_TIMEOUT_MS, undefined, { ref: false })])
}

async function sooner(woken: Promise<void>, timeoutMs: number): Promise<void> {
  const late = new AbortController()
  await Promise.race([woken, delay(timeoutMs, undefined, { signal: late.signal }).catch(() => {})])
  late.abort()
}
