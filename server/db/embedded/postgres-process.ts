import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Logger } from 'pino'
import { type Cluster, POSTGRES_PORT, type SocketPlace } from './postgres-cluster.ts'
import type { Programs } from './postgres-programs.ts'

/** One run of PostgreSQL. */
export interface PostgresRun {
  /** Resolves with the last lines it said when it has ended, for whatever reason. */
  readonly ended: Promise<string[]>
  /** Asks for a fast shutdown: transactions are rolled back, the disk is left clean. */
  stop(): void
  /** Ends it at once; the next start replays the log. */
  kill(): void
}

const LAST_LINES_KEPT = 30

/**
 * A shell stands between us and PostgreSQL: when we die, however that is, the pipe that is its standard
 * input closes, and it sends SIGINT (fast shutdown, postgres(1)). The program runs in a session of its
 * own, so that Ctrl-C in the terminal reaches us alone and we end it in our order.
 */
const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- &
postgres=$!
{ read -r _ <&3; kill -INT $postgres; } 2>/dev/null &
watch=$!
exec 3<&-
trap 'kill -INT $postgres' INT TERM
trap 'kill -QUIT $postgres' QUIT
while :; do
  wait $postgres; status=$?
  kill -0 $postgres 2>/dev/null || break
done
kill $watch 2>/dev/null
exit $status
`

/** Small: rooms are few and live state is in memory. fsync stays on: a power cut must not cost an account. */
const SETTINGS = {
  shared_buffers: '32MB',
  max_connections: '50',
  max_wal_size: '256MB',
  min_wal_size: '32MB',
  max_parallel_workers: '0',
  max_logical_replication_workers: '0',
  autovacuum_max_workers: '1',
  wal_level: 'minimal',
  max_wal_senders: '0',
  fsync: 'on',
  log_min_messages: 'warning',
  password_encryption: 'scram-sha-256',
}

export function runPostgres(
  programs: Programs,
  cluster: Cluster,
  options: { socket: SocketPlace; log: Logger },
): PostgresRun {
  const args = argumentsFor(cluster, options.socket)
  const child = spawn('/bin/sh', ['-c', GUARD, 'engawa-postgres', programs.postgres, ...args], {
    ...cluster.spawnOptions,
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  })
  return {
    ended: collectEnd(child, options.log),
    stop: () => child.stdin?.end(),
    kill: () => signalGroup(child),
  }
}

function argumentsFor(cluster: Cluster, socket: SocketPlace): string[] {
  const settings: Record<string, string> = {
    ...SETTINGS,
    port: String(POSTGRES_PORT),
    listen_addresses: '',
    unix_socket_directories: socket.folderSeenInside,
    unix_socket_permissions: '0700',
  }
  return [
    '-D',
    cluster.folderSeenInside,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
}

/** The shell, PostgreSQL and its workers are one process group. */
function signalGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It ended meanwhile.
  }
}

function collectEnd(child: ChildProcess, log: Logger): Promise<string[]> {
  const last: string[] = []
  // A pipe to a process that has ended is no news: `ended` tells.
  child.stdin?.on('error', () => {})
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (last.push(line) > LAST_LINES_KEPT) last.shift()
      if (/ (FATAL|PANIC|ERROR): /.test(line)) log.warn({ postgres: line }, 'the database says')
      else log.debug({ postgres: line }, 'the database says')
    })
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve([error.message]))
    child.once('close', () => resolve(last))
  })
}
