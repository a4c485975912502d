import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { StartProblem } from '../../start-problem.ts'
import type { Cluster } from './postgres-cluster.ts'
import type { PostgresRun } from './postgres-process.ts'
import type { Programs } from './postgres-programs.ts'

/**
 * Windows has no signals and no Unix sockets for PostgreSQL: pg_ctl starts it with fewer rights (it refuses
 * an administrator's), on a loopback port, and stops it.
 */
const run = promisify(execFile)
const WATCH_INTERVAL_MS = 2_000

/** A loopback port that is free now. */
export function freeLoopbackPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

/** @throws StartProblem when pg_ctl cannot start it. */
export async function runPostgresOnWindows(programs: Programs, cluster: Cluster, port: number): Promise<PostgresRun> {
  const control = (...args: string[]) => run(programs.pgCtl, ['-D', cluster.folder, ...args], cluster.spawnOptions)
  // What a killed run left alive.
  await control('stop', '-m', 'fast').catch(() => {})
  const settings = `-p ${port} -h 127.0.0.1 -c shared_buffers=32MB -c max_connections=50`
  try {
    await control('start', '-w', '-s', '-o', settings)
  } catch (error) {
    throw new StartProblem(`The embedded database does not start: ${error instanceof Error ? error.message : error}.`)
  }
  const ended = watchUntilEnd(() => control('status'))
  const stop = (mode: string) => void control('stop', '-m', mode).catch(() => {})
  return { ended, stop: () => stop('fast'), kill: () => stop('immediate') }
}

function watchUntilEnd(status: () => Promise<unknown>): Promise<string[]> {
  return new Promise((resolve) => {
    const look = () => {
      status().then(
        () => setTimeout(look, WATCH_INTERVAL_MS).unref(),
        () => resolve([]),
      )
    }
    look()
  })
}
