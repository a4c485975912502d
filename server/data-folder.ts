import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, realpathSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { createConnection, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { StartProblem, systemCodeOf, systemWordsFor } from './start-problem.ts'

/** The one data folder: made, checked, and held by one process at a time. */
export interface DataFolder {
  readonly path: string
  /** Secrets; for the owner only. */
  readonly keys: string
  readonly postgres: string
  readonly takes: string
  /** Lets the folder go. Idempotent. */
  release(): Promise<void>
}

/** sockaddr_un has 108 bytes on Linux and 104 on macOS, the ending zero included (unix(7)). */
export const SOCKET_PATH_MAX_CHARS = 103
const LOCK_ANSWER_TIMEOUT_MS = 1_000

/**
 * Makes the folder where it is missing, tries to write in it, and locks it.
 * @throws StartProblem when it cannot be used, or another Engawa holds it.
 */
export async function openDataFolder(folder: string): Promise<DataFolder> {
  const real = makeFolders(folder)
  const lock = await lockFolder(real)
  return {
    path: real,
    keys: path.join(real, 'keys'),
    postgres: path.join(real, 'postgres'),
    takes: path.join(real, 'takes'),
    release: () => lock.release(),
  }
}

function makeFolders(folder: string): string {
  try {
    // Others may pass through (the database's own account must) but not look around.
    if (makePath(folder)) chmodSync(folder, 0o711)
    const real = realpathSync(folder)
    for (const name of ['keys', 'takes']) mkdirSync(path.join(real, name), { recursive: true, mode: 0o700 })
    mkdirSync(path.join(real, 'postgres'), { recursive: true, mode: 0o700 })
    const probe = path.join(real, `.probe-${randomBytes(6).toString('hex')}`)
    writeFileSync(probe, '')
    rmSync(probe)
    return real
  } catch (error) {
    throw new StartProblem(
      `The data folder ${folder} cannot be used: ${systemWordsFor(error)}; let this account read and write it, or set ENGAWA_DATA to another folder.`,
    )
  }
}

/** As mkdir -p; returns whether the folder is new. Node's own recursive mkdir never ends under /proc. */
function makePath(folder: string): boolean {
  if (existsSync(folder)) return false
  const parent = path.dirname(folder)
  if (parent !== folder) makePath(parent)
  mkdirSync(folder)
  return true
}

interface Lock {
  release(): Promise<void>
}

/**
 * A listening socket is the lock: the system takes it away with the process however that dies, which a
 * file with a process id in it does not (the id is soon another process's, above all in containers).
 */
async function lockFolder(folder: string): Promise<Lock> {
  const address = lockAddress(folder)
  const first = await listenAt(address)
  if (first !== null) return lockOf(first)
  const owner = await askOwner(address)
  if (owner !== null) {
    throw new StartProblem(
      `Another Engawa (process ${owner}) is running on the data folder ${folder}; end it first, or set ENGAWA_DATA to another folder.`,
    )
  }
  unlinkSync(address)
  const second = await listenAt(address)
  if (second !== null) return lockOf(second)
  throw new StartProblem(`Another Engawa is starting on the data folder ${folder}; wait for it, or end it first.`)
}

function lockAddress(folder: string): string {
  const name = `engawa-${createHash('sha256').update(folder).digest('hex').slice(0, 24)}`
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`
  const inside = path.join(folder, 'lock.sock')
  return inside.length <= SOCKET_PATH_MAX_CHARS ? inside : path.join(tmpdir(), `${name}.sock`)
}

/** The server that holds the lock, or null where the address is taken. */
function listenAt(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy())
      socket.end(String(process.pid))
    })
    server.once('error', (error) => {
      if (systemCodeOf(error) === 'EADDRINUSE') resolve(null)
      else reject(new StartProblem(`The data folder cannot be locked at ${address}: ${systemWordsFor(error)}.`))
    })
    server.listen(address, () => {
      server.unref()
      resolve(server)
    })
  })
}

/** The process id of the one who holds the lock; null where nobody lives behind it. */
function askOwner(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = createConnection(address)
    socket.setTimeout(LOCK_ANSWER_TIMEOUT_MS, () => socket.destroy())
    socket.setEncoding('utf8')
    let reached = false
    socket.on('connect', () => {
      reached = true
    })
    socket.on('data', (part: string) => {
      answer += part
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(reached ? answer || 'unknown' : null))
  })
}

function lockOf(server: Server): Lock {
  let released: Promise<void> | null = null
  const release = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
  return {
    release: () => {
      released ??= release()
      return released
    },
  }
}
