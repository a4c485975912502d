import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { SOCKET_PATH_MAX_CHARS } from '../../data-folder.ts'
import { StartProblem, systemWordsFor } from '../../start-problem.ts'
import { type Account, giveTo } from './postgres-account.ts'
import type { Programs } from './postgres-programs.ts'

/** The major version that the packages carry; a cluster of another one cannot be opened. */
const POSTGRES_MAJOR = '18'
export const DATABASE_USER = 'engawa'

/** A database cluster on disk and how its programs are to be spawned. */
export interface Cluster {
  /** Absolute. */
  folder: string
  /** Just made: its files are yet to be forced to the disk. */
  isFresh: boolean
  /** What PostgreSQL is told the folder is. */
  folderSeenInside: string
  account: Account | null
  spawnOptions: { cwd: string; uid?: number; gid?: number; env: NodeJS.ProcessEnv }
}

export interface ClusterOptions {
  postgresFolder: string
  programs: Programs
  account: Account | null
  /** Asked on Windows, where the database listens on a loopback port. Elsewhere the closed folder of the socket guards it. */
  password: string
}

/**
 * The cluster in the folder, made where there is none (0.5 to 0.9 s).
 * @throws StartProblem when it cannot be made, or is of another version.
 */
export function openCluster(options: ClusterOptions): Cluster {
  const { postgresFolder, account } = options
  if (account !== null) giveTo(account, postgresFolder)
  const folder = path.join(postgresFolder, 'cluster')
  const isFresh = !existsSync(folder)
  if (isFresh) initCluster(folder, options)
  const version = readFileSync(path.join(folder, 'PG_VERSION'), 'utf8').trim()
  if (version === POSTGRES_MAJOR) return { ...clusterAt(folder, account), isFresh }
  throw new StartProblem(
    `The database in ${folder} was made by PostgreSQL ${version}, and this Engawa brings PostgreSQL ${POSTGRES_MAJOR}; run the Engawa version that made it, or set DATABASE_URL.`,
  )
}

/**
 * On Linux an account of its own is put into the folder by us and calls it /proc/self/cwd: so it needs no
 * right to walk there from the root (a data folder under root's private home).
 */
function clusterAt(folder: string, account: Account | null): Cluster {
  const byCwd = account !== null && process.platform === 'linux'
  // The locale of messages is fixed so that they can be read; the programs need nothing else of ours.
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC', SystemRoot: process.env['SystemRoot'] }
  const ids = account === null ? {} : { uid: account.uid, gid: account.gid }
  return {
    folder,
    isFresh: false,
    folderSeenInside: byCwd ? '/proc/self/cwd' : folder,
    account,
    spawnOptions: { cwd: folder, ...ids, env },
  }
}

/** Made under another name first, so that a half-made one is never taken for whole. */
function initCluster(folder: string, options: ClusterOptions): void {
  const { account, programs } = options
  const fresh = `${folder}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { mode: 0o700 })
  if (account !== null) giveTo(account, fresh)
  const cluster = clusterAt(fresh, account)
  const args = [
    '-D',
    cluster.folderSeenInside,
    '-U',
    DATABASE_USER,
    '-E',
    'UTF8',
    '--locale=C',
    ...authArguments(options),
  ]
  const result = spawnSync(programs.initdb, args, { ...cluster.spawnOptions, encoding: 'utf8' })
  if (result.status !== 0) {
    const why = result.error ? systemWordsFor(result.error) : result.stderr.trim().split('\n').at(-1)
    throw new StartProblem(`The embedded database cannot be made in ${folder}: ${why}.`)
  }
  renameSync(fresh, folder)
}

/**
 * Forces a cluster's files to the disk, beside the running database (initdb(1), --sync-only). Made without it, a new
 * cluster is there a second or two earlier; what is written into it from then on is forced by PostgreSQL itself.
 */
export function forceToDisk(cluster: Cluster, programs: Programs): void {
  const options = { ...cluster.spawnOptions, stdio: 'ignore' as const }
  spawn(programs.initdb, ['--sync-only', '-D', cluster.folderSeenInside], options).on('error', () => {})
}

function authArguments({ postgresFolder, password }: ClusterOptions): string[] {
  if (process.platform !== 'win32') return ['--auth=trust']
  const file = path.join(postgresFolder, 'password')
  writeFileSync(file, password)
  return ['--auth=scram-sha-256', `--pwfile=${file}`]
}

/** Where the Unix socket lies, as we see it and as PostgreSQL does. */
export interface SocketPlace {
  folder: string
  folderSeenInside: string
  /** Takes a folder that was made for this run away again. */
  remove(): void
}

export const POSTGRES_PORT = 5432
const SOCKET_NAME = `.s.PGSQL.${POSTGRES_PORT}`

/** Inside the cluster (closed to others), or in a short folder for this run where the path is too long for a socket. */
export function placeSocket(cluster: Cluster): SocketPlace {
  if (path.join(cluster.folder, SOCKET_NAME).length <= SOCKET_PATH_MAX_CHARS) {
    return { folder: cluster.folder, folderSeenInside: cluster.folderSeenInside, remove: () => {} }
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'engawa-pg-'))
  if (cluster.account !== null) giveTo(cluster.account, folder)
  return { folder, folderSeenInside: folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export function socketPathOf(place: SocketPlace): string {
  return path.join(place.folder, SOCKET_NAME)
}

/** The process id that a run left in its lock file; null where there is none. */
function readPostmasterPid(cluster: Cluster): number | null {
  try {
    const pid = Number(readFileSync(postmasterFile(cluster), 'utf8').split('\n')[0])
    return Number.isInteger(pid) && pid > 0 ? pid : null
  } catch {
    return null
  }
}

/** Changes with each start of PostgreSQL, also where the new process got the old one's number (containers). */
export function postmasterFileIdentity(cluster: Cluster): string {
  try {
    const { ino, ctimeNs } = statSync(postmasterFile(cluster), { bigint: true })
    return `${ino}:${ctimeNs}`
  } catch {
    return 'none'
  }
}

/** The eighth line of the lock file is its state (PostgreSQL's src/include/utils/pidfile.h). */
export function saysReady(cluster: Cluster): boolean {
  try {
    return readFileSync(postmasterFile(cluster), 'utf8').split('\n')[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

/** One that has ended counts as dead also while its parent has not yet asked how. */
export function isAlive(pid: number): boolean {
  return isKnown(pid) && !isZombie(pid)
}

function isKnown(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** proc_pid_stat(5): the state follows the name in brackets. Elsewhere than on Linux init reaps at once. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return /^ [ZX]/.test(stat.slice(stat.lastIndexOf(')') + 1))
  } catch {
    return false
  }
}

/** Whether that process is this cluster's PostgreSQL, and not another that got its number. null: cannot be told. */
function servesCluster(pid: number, cluster: Cluster): boolean | null {
  if (process.platform === 'linux') {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === cluster.folder
    } catch {
      return null
    }
  }
  if (process.platform === 'win32') return null
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.includes('postgres')
}

/**
 * What a killed run left: its PostgreSQL still alive (its id is returned, to be stopped), or a lock file whose
 * number now belongs to a stranger, or to nobody but is not reaped (a container's first process may never do it),
 * for which PostgreSQL would refuse to start. We hold the data folder's lock, so nobody else starts one meanwhile.
 */
export function findOrphan(cluster: Cluster): number | null {
  const pid = readPostmasterPid(cluster)
  if (pid === null || !isKnown(pid)) return null
  const serves = isZombie(pid) ? false : servesCluster(pid, cluster)
  if (serves === true) return pid
  if (serves === false) disownLock(cluster)
  return null
}

/** No system counts that far. */
const NOBODYS_PID = '2147483647'

/**
 * Only the number goes: what else the file says lets PostgreSQL see whether workers of the killed run still live.
 * The lock of the socket, with the same number in it, guards nothing more.
 */
function disownLock(cluster: Cluster): void {
  rmSync(path.join(cluster.folder, `${SOCKET_NAME}.lock`), { force: true })
  const [, ...rest] = readFileSync(postmasterFile(cluster), 'utf8').split('\n')
  writeFileSync(postmasterFile(cluster), [NOBODYS_PID, ...rest].join('\n'))
}

function postmasterFile(cluster: Cluster): string {
  return path.join(cluster.folder, 'postmaster.pid')
}
