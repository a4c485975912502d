import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { MEDIA_SEMI_SPACE_MB } from '../sfu-core/contract/limits.ts'
import { COMPILE_CACHE_FOLDER } from './compile-cache.ts'
import { RELAY_READY_TIMEOUT_MS, RELAY_RESTART_MAX_MS, RELAY_STOP_TIMEOUT_MS } from './limits.ts'
import { BESIDE_SERVER, fromRelaySchema, type ToRelay } from './relay-messages.ts'

/** The relay beside the server, in its own process: a slow request never stalls sound. */
export interface RelayChild {
  /** The server listens there: the relay may connect. */
  serve(serverUrl: string): void
  /** Resolves when it has registered for the first time, or when waiting longer makes no sense. */
  readonly ready: Promise<boolean>
  /** It finishes its takes; a child that hangs is killed. Idempotent. */
  close(): Promise<void>
}

export interface RelayChildOptions {
  relayKey: string
  dataFolder: string
  logLevel: string
  log: Logger
}

const RELAY_ENTRY = path.join(import.meta.dirname, 'relay.ts')
/** Names the node; the same at every start, so that its rooms find it. */
const NODE_NAME = 'Relay of this server'
const RESTART_FIRST_MS = 200
const GOOD_RUN_MS = 10_000

/** Starts the relay, which loads while the database starts, and keeps it running until `close`. */
export function startRelayChild(options: RelayChildOptions): RelayChild {
  return new Supervisor(options)
}

class Supervisor implements RelayChild {
  readonly ready: Promise<boolean>
  readonly #options: RelayChildOptions
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #child: ChildProcess | null = null
  #serverUrl: string | null = null
  #saysReady: (ready: boolean) => void = () => {}
  #closed: Promise<void> | null = null

  constructor(options: RelayChildOptions) {
    this.#options = options
    const said = new Promise<boolean>((resolve) => {
      this.#saysReady = resolve
    })
    this.ready = Promise.race([said, delay(RELAY_READY_TIMEOUT_MS, false, { ref: false })])
    this.#running = this.#keepRunning()
  }

  serve(serverUrl: string): void {
    this.#serverUrl = serverUrl
    this.#tellWhere()
  }

  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #keepRunning(): Promise<void> {
    let waitMs = RESTART_FIRST_MS
    while (!this.#stopping.signal.aborted) {
      const startedAt = performance.now()
      const how = await this.#runOnce()
      if (this.#stopping.signal.aborted) return
      this.#options.log.error(how, 'the relay ended by itself; it is started again')
      waitMs =
        performance.now() - startedAt > GOOD_RUN_MS ? RESTART_FIRST_MS : Math.min(waitMs * 2, RELAY_RESTART_MAX_MS)
      await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => {})
    }
  }

  #runOnce(): Promise<{ code: number | null; signal: string | null }> {
    const child = fork(RELAY_ENTRY, [BESIDE_SERVER], {
      env: environmentFor(this.#options),
      execArgv: [...process.execArgv, `--max-semi-space-size=${MEDIA_SEMI_SPACE_MB}`],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child = child
    this.#tellWhere()
    child.on('message', (message) => this.#onMessage(message))
    child.on('error', (error) => this.#options.log.error({ err: error }, 'the relay cannot be started'))
    return new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }))
      child.once('error', () => {
        if (child.pid === undefined) resolve({ code: null, signal: null })
      })
    })
  }

  #onMessage(message: unknown): void {
    const { data } = fromRelaySchema.safeParse(message)
    if (data?.type === 'ready') this.#saysReady(true)
    if (data?.type === 'failed') {
      this.#options.log.error({ reason: data.reason }, 'the relay does not work')
      this.#saysReady(false)
    }
  }

  #tellWhere(): void {
    if (this.#serverUrl !== null && this.#child?.connected)
      tell(this.#child, { type: 'serve', serverUrl: this.#serverUrl })
  }

  async #end(): Promise<void> {
    this.#stopping.abort()
    this.#saysReady(false)
    const child = this.#child
    if (child?.exitCode === null && child.signalCode === null) {
      if (child.connected) tell(child, { type: 'stop' })
      else child.kill('SIGTERM')
      const timer = setTimeout(() => {
        this.#options.log.warn('the relay does not end in time and is killed')
        child.kill('SIGKILL')
      }, RELAY_STOP_TIMEOUT_MS)
      await this.#running
      clearTimeout(timer)
    }
    await this.#running
  }
}

/** A child that has just ended is noticed by its end. */
function tell(child: ChildProcess, message: ToRelay): void {
  child.send(message, () => {})
}

function environmentFor(options: RelayChildOptions): NodeJS.ProcessEnv {
  return {
    NODE_COMPILE_CACHE: COMPILE_CACHE_FOLDER,
    ...process.env,
    ENGAWA_RELAY_KEY: options.relayKey,
    ENGAWA_NODE_NAME: NODE_NAME,
    ENGAWA_DATA: options.dataFolder,
    ENGAWA_LOG_LEVEL: options.logLevel,
  }
}
