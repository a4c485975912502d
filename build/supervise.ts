import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { repositoryRoot } from './paths.ts'

/** A process that this one started. `stop` asks, waits `graceMs` at most, then kills. */
export interface Running {
  readonly exited: Promise<number>
  stop(graceMs: number): Promise<void>
}

export interface ReadyServer extends Running {
  /** Where the web client is, on this machine. */
  url: string
  /** The same for others on the network. */
  lanUrls: string[]
}

/** Waits for a child that was asked to end; kills it when the grace is over. */
export async function endWithin(child: ChildProcess, exited: Promise<number>, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const killer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  askToEnd(child)
  await exited
  clearTimeout(killer)
}

/** Windows has no SIGTERM: there `kill` cuts off at once, and the closed channel is what asks. */
function askToEnd(child: ChildProcess): void {
  if (process.platform === 'win32' && child.connected) child.disconnect()
  else child.kill('SIGTERM')
}

interface ReadyMessage {
  type: 'ready'
  url: string
  lanUrls: string[]
}

function isReadyMessage(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready'
}

/**
 * Starts the server and resolves when it answers. Resolves to null where it ended instead: it has then
 * said why in one sentence.
 */
export async function startServer(nodeOptions: string[] = []): Promise<ReadyServer | null> {
  const child = spawn(process.execPath, [...nodeOptions, path.join(repositoryRoot, 'server/main.ts')], {
    cwd: repositoryRoot,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Whoever starts it by hand wants the address, not a log of what went well.
    env: { ENGAWA_LOG_LEVEL: 'warn', ...process.env },
    // A group of its own: Ctrl-C comes to it once, from us, and not a second time from the terminal.
    detached: process.platform !== 'win32',
  })
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
  const ready = new Promise<ReadyMessage>((resolve) => {
    child.on('message', (message) => {
      if (isReadyMessage(message)) resolve(message)
    })
  })
  const first = await Promise.race([ready, exited.then(() => null)])
  if (first === null) return null
  return { url: first.url, lanUrls: first.lanUrls, exited, stop: (graceMs) => endWithin(child, exited, graceMs) }
}
