import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { repositoryRoot } from '../paths.ts'

/** The all-in-one must be up by then, database made anew, on a busy machine. */
const READY_TIMEOUT_MS = 60_000
const LOG_KEPT_LINES = 2_000

/** The real program as a test sees it: server, relay and database, in a data folder of its own. */
export interface Program {
  url: string
  port: number
  dataFolder: string
  pid: number
  /** What it printed, oldest first, LOG_KEPT_LINES at most. */
  log: string[]
  exited: Promise<{ code: number | null; signal: string | null }>
  /** SIGTERM, and waits. Answers how long it took. */
  stop(): Promise<number>
  /** SIGKILL to the server's process alone, and waits. */
  kill(): Promise<void>
}

/** A port of this machine that nobody uses now. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** A folder under the system's temporary one that is gone when the block ends. */
export async function temporaryFolder(name: string): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), `engawa-${name}-`))
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) }
}

function keepLog(child: ChildProcess): string[] {
  const log: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log.push(...text.split('\n').filter(Boolean))
      log.splice(0, Math.max(0, log.length - LOG_KEPT_LINES))
    })
  }
  return log
}

function readyMessage(child: ChildProcess): Promise<{ url: string }> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready')
        resolve(message as unknown as { url: string })
    })
  })
}

/** Without Vitest's marks: better-auth leaves origins unchecked when it sees NODE_ENV=test. */
function ordinaryEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== 'NODE_ENV' && !name.startsWith('VITEST')),
  )
}

export interface ProgramOptions {
  dataFolder: string
  port?: number
  env?: Record<string, string>
  /** A command to put before it, e.g. `ip netns exec NAME`. */
  prefix?: string[]
}

/** Starts the program and waits until it answers. Throws, with what it printed, where it ends instead. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const port = options.port ?? (await freePort())
  const [command = '', ...args] = [
    ...(options.prefix ?? []),
    process.execPath,
    path.join(repositoryRoot, 'server/main.ts'),
  ]
  const child = spawn(command, args, {
    cwd: repositoryRoot,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...ordinaryEnvironment(), ENGAWA_DATA: options.dataFolder, ENGAWA_PORT: String(port), ...options.env },
  })
  const log = keepLog(child)
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  const tooLate = setTimeout(() => child.kill('SIGKILL'), READY_TIMEOUT_MS)
  const ready = await Promise.race([readyMessage(child), exited.then(() => null)])
  clearTimeout(tooLate)
  if (ready === null || child.pid === undefined) throw new Error(`The program ended at its start:\n${log.join('\n')}`)
  const end = async (signal: NodeJS.Signals): Promise<number> => {
    const startedAtMs = performance.now()
    child.kill(signal)
    await exited
    return performance.now() - startedAtMs
  }
  return {
    url: ready.url,
    port,
    dataFolder: options.dataFolder,
    pid: child.pid,
    log,
    exited,
    stop: () => end('SIGTERM'),
    kill: async () => {
      await end('SIGKILL')
    },
  }
}
