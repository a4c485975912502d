import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import postgres from 'postgres'
import { POSTGRES_RESTART_MAX_MS, POSTGRES_START_TIMEOUT_MS, POSTGRES_STOP_TIMEOUT_MS } from '../../limits.ts'
import { StartProblem } from '../../start-problem.ts'
import { accountFor } from './postgres-account.ts'
import {
  type Cluster,
  DATABASE_USER,
  findOrphan,
  forceToDisk,
  isAlive,
  openCluster,
  placeSocket,
  postmasterFileIdentity,
  type SocketPlace,
  saysReady,
  socketPathOf,
} from './postgres-cluster.ts'
import { type PostgresRun, runPostgres } from './postgres-process.ts'
import { findPrograms, type Programs } from './postgres-programs.ts'
import { freeLoopbackPort, runPostgresOnWindows } from './postgres-windows.ts'

/** Where to connect, in the words of the `postgres` driver. */
export interface ConnectionPlace {
  path?: string
  host?: string
  port?: number
  password?: string
  username: string
  database: string
}

/** A real PostgreSQL in the data folder, kept alive until `close`. */
export interface EmbeddedPostgres {
  readonly place: ConnectionPlace
  /** Ends it cleanly, in some 100 ms. Idempotent. */
  close(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  /** `<data>/postgres`, made already. */
  folder: string
  password: string
  log: Logger
}

const DATABASE_NAME = 'engawa'
const READY_CHECK_MS = 15
const RESTART_FIRST_MS = 100
/** A run that lasted this long was a good one: the next restart is at once again. */
const GOOD_RUN_MS = 10_000

/** @throws StartProblem when it cannot be made or does not start. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = accountFor(options.folder)
  const programs = findPrograms(path.dirname(options.folder), account)
  const cluster = openCluster({ postgresFolder: options.folder, programs, account, password: options.password })
  await stopOrphan(cluster, options.log)
  const supervisor = new Supervisor(await makeLauncher(programs, cluster, options), cluster, options.log)
  try {
    await supervisor.start()
    await createDatabase(supervisor.place)
    if (cluster.isFresh) forceToDisk(cluster, programs)
  } catch (error) {
    await supervisor.close()
    throw error
  }
  return supervisor
}

/** How one run is started on this system, and where it listens. */
interface Launcher {
  place: ConnectionPlace
  launch(): Promise<PostgresRun>
  remove(): void
}

async function makeLauncher(programs: Programs, cluster: Cluster, options: EmbeddedPostgresOptions): Promise<Launcher> {
  const base = { username: DATABASE_USER, database: DATABASE_NAME }
  if (process.platform === 'win32') {
    const port = await freeLoopbackPort()
    return {
      place: { ...base, host: '127.0.0.1', port, password: options.password },
      launch: () => runPostgresOnWindows(programs, cluster, port),
      remove: () => {},
    }
  }
  const socket: SocketPlace = placeSocket(cluster)
  return {
    place: { ...base, path: socketPathOf(socket) },
    launch: async () => runPostgres(programs, cluster, { socket, log: options.log }),
    remove: () => socket.remove(),
  }
}

class Supervisor implements EmbeddedPostgres {
  readonly #launcher: Launcher
  readonly #cluster: Cluster
  readonly #log: Logger
  readonly #stopping = new AbortController()
  #run: PostgresRun | null = null
  #watching: Promise<void> | null = null
  #closed: Promise<void> | null = null

  constructor(launcher: Launcher, cluster: Cluster, log: Logger) {
    this.#launcher = launcher
    this.#cluster = cluster
    this.#log = log
  }

  get place(): ConnectionPlace {
    return this.#launcher.place
  }

  async start(): Promise<void> {
    const run = await this.#launchUntilReady()
    this.#watching = this.#watch(run)
  }

  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #launchUntilReady(): Promise<PostgresRun> {
    const before = postmasterFileIdentity(this.#cluster)
    const run = await this.#launcher.launch()
    this.#run = run
    const deadline = performance.now() + POSTGRES_START_TIMEOUT_MS
    let lastLines: string[] | null = null
    void run.ended.then((lines) => {
      lastLines = lines
    })
    while (!(postmasterFileIdentity(this.#cluster) !== before && saysReady(this.#cluster))) {
      if (lastLines !== null) throw new StartProblem(`The embedded database does not start: ${reasonIn(lastLines)}.`)
      if (performance.now() > deadline)
        throw new StartProblem('The embedded database does not become ready in a minute.')
      await delay(READY_CHECK_MS)
    }
    return run
  }

  /** Starts it again whenever it ends, until we end it. */
  async #watch(first: PostgresRun): Promise<void> {
    let run: PostgresRun | null = first
    let waitMs = RESTART_FIRST_MS
    while (!this.#stopping.signal.aborted) {
      const startedAt = performance.now()
      if (run !== null) {
        const lines = await run.ended
        if (this.#stopping.signal.aborted) return
        this.#log.error({ said: lines.slice(-3) }, 'the database ended by itself; it is started again')
      }
      waitMs =
        performance.now() - startedAt > GOOD_RUN_MS ? RESTART_FIRST_MS : Math.min(waitMs * 2, POSTGRES_RESTART_MAX_MS)
      await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => {})
      if (this.#stopping.signal.aborted) return
      run = await this.#relaunch()
    }
  }

  async #relaunch(): Promise<PostgresRun | null> {
    try {
      const run = await this.#launchUntilReady()
      this.#log.info('the database is back')
      return run
    } catch (error) {
      this.#log.error({ err: error }, 'the database does not start again')
      return null
    }
  }

  async #end(): Promise<void> {
    this.#stopping.abort()
    const run = this.#run
    if (run !== null) {
      run.stop()
      const timeout = delay(POSTGRES_STOP_TIMEOUT_MS, 'late' as const, { ref: false })
      if ((await Promise.race([run.ended, timeout])) === 'late') {
        this.#log.warn('the database does not stop in time and is killed; its log is replayed at the next start')
        run.kill()
        await run.ended
      }
    }
    await this.#watching
    this.#launcher.remove()
  }
}

function reasonIn(lines: string[]): string {
  const fatal = lines.findLast((line) => /(FATAL|PANIC):/.test(line)) ?? lines.at(-1) ?? 'it said nothing'
  return fatal.replace(/^.*?(FATAL|PANIC):\s*/, '')
}

/** The PostgreSQL of a run that was killed stops by itself as its pipe closes; this waits for it and helps where it hangs. */
async function stopOrphan(cluster: Cluster, log: Logger): Promise<void> {
  const pid = findOrphan(cluster)
  if (pid === null) return
  log.warn({ pid }, 'a database of an earlier run still lives; it is stopped first')
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    trySignal(pid, signal)
    const deadline = performance.now() + ORPHAN_STEP_MS
    while (performance.now() < deadline) {
      if (!isAlive(pid)) {
        // Disowns its lock, where it was killed and is not reaped.
        findOrphan(cluster)
        return
      }
      await delay(READY_CHECK_MS)
    }
  }
}

const ORPHAN_STEP_MS = 3_000

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}

async function createDatabase(place: ConnectionPlace): Promise<void> {
  const sql = postgres({ ...place, database: 'postgres', max: 1, onnotice: () => {} })
  try {
    const found = await sql`select 1 from pg_database where datname = ${DATABASE_NAME}`
    // Copied file by file, on disk at once: else the first shutdown has all of it to write, and is slow.
    if (found.length === 0) await sql.unsafe(`create database ${DATABASE_NAME} strategy file_copy`)
  } finally {
    await sql.end({ timeout: 1 })
  }
}
