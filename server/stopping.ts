import process from 'node:process'
import type { Logger } from 'pino'
import { StartProblem } from './start-problem.ts'

/** How the processes of the server side begin and end. */

/** After this an end that hangs is cut off. */
const STOP_TIMEOUT_MS = 5_000

/** Runs a start. What the person can mend is told in one sentence; the exit code is then 1. */
export async function runUntilStopped(start: () => Promise<void>): Promise<void> {
  try {
    await start()
  } catch (error) {
    if (!(error instanceof StartProblem)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

export interface StopOptions {
  /** Ends everything. Called once. */
  stop(): Promise<void>
  log: Logger
  /** Leave Ctrl-C to the parent, which got it too. */
  ignoreInterrupt?: boolean
  /** Whether a message of the parent means the end. */
  onMessage?(message: unknown): boolean
}

/** One Ctrl-C can arrive several times: from the terminal, and handed on by npm. A person's second one comes later. */
const SAME_SIGNAL_MS = 500

/** Ends the process in order at SIGINT, SIGTERM, SIGHUP, or with the parent that forked it; at a second signal at once. */
export function onStopSignals({ stop, log, ignoreInterrupt = false, onMessage }: StopOptions): void {
  let stopping = false
  let firstSignalAtMs: number | null = null
  const end = (why: string) => {
    if (stopping) return
    stopping = true
    const startedAt = performance.now()
    log.info({ why }, 'stopping')
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref()
    stop().then(
      () => {
        log.info({ tookMs: Math.round(performance.now() - startedAt) }, 'stopped')
        // Told outright: with a top-level await still open Node would make it 13.
        process.exit(process.exitCode ?? 0)
      },
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed')
        process.exit(1)
      },
    )
  }
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === 'SIGINT' && ignoreInterrupt && process.connected) return
    const nowMs = performance.now()
    if (firstSignalAtMs !== null && nowMs - firstSignalAtMs >= SAME_SIGNAL_MS) process.exit(1)
    firstSignalAtMs ??= nowMs
    end(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  process.on('disconnect', () => end('the parent is gone'))
  process.on('message', (message) => {
    if (onMessage?.(message)) end('the parent says so')
  })
}
