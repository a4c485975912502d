import type { HostingRequest, HostingStatus } from '../../contract/bridge.ts'
import type { FromHost } from '../../sfu-host/messages.ts'
import {
  isSettled,
  type SupervisorEffect,
  type SupervisorEvent,
  type SupervisorState,
  statusOf,
  step,
} from './machine.ts'

/** One life of the hosting process. */
export interface HostProcess {
  /** Asks it to end. Its end is told by `onExit`. */
  askToStop(): void
  /** Ends it whatever it does. */
  kill(): void
}

export interface HostProcessEvents {
  onSpawn(pid: number): void
  onMessage(message: FromHost): void
  /** Once, last. `how`: exit code or signal, for the log. */
  onExit(how: string): void
}

export interface SupervisorOptions {
  spawn(request: HostingRequest, events: HostProcessEvents): HostProcess
  clock: SupervisorClock
  log(line: string): void
}

interface SupervisorClock {
  /** ms since the Unix epoch. */
  nowMs(): number
  /** Returns the way to call it off. */
  after(delayMs: number, call: () => void): () => void
}

/** Runs the hosting process as machine.ts decides: one at a time, restarted after a crash, ended in bounded time. */
export class SfuSupervisor {
  readonly #options: SupervisorOptions
  readonly #listeners = new Set<(status: HostingStatus) => void>()
  readonly #waiters = new Set<() => void>()
  #state: SupervisorState = { at: 'off' }
  #process: HostProcess | null = null
  /** Which life the process is in: news of an earlier one is not heard. */
  #life = 0
  #cancelTimer: (() => void) | null = null

  constructor(options: SupervisorOptions) {
    this.#options = options
  }

  status(): HostingStatus {
    return statusOf(this.#state)
  }

  /** Returns the end of the subscription. */
  onStatus(listener: (status: HostingStatus) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when it is hosting, has failed, or was stopped meanwhile. Never rejects. */
  async start(request: HostingRequest): Promise<HostingStatus> {
    this.#handle({ type: 'start', request })
    await this.#until(isSettled)
    return this.status()
  }

  /** Resolves when the process has ended: after STOP_WAIT_MS + KILL_WAIT_MS at the latest. Idempotent. */
  async stop(): Promise<void> {
    this.#handle({ type: 'stop' })
    await this.#until((state) => state.at !== 'stopping')
  }

  #until(met: (state: SupervisorState) => boolean): Promise<void> {
    if (met(this.#state)) return Promise.resolve()
    return new Promise((resolve) => {
      const check = () => {
        if (!met(this.#state)) return
        this.#waiters.delete(check)
        resolve()
      }
      this.#waiters.add(check)
    })
  }

  #handle(event: SupervisorEvent): void {
    const before = this.status()
    const { state, effects } = step(this.#state, event, this.#options.clock.nowMs())
    this.#state = state
    for (const effect of effects) this.#run(effect)
    this.#announce(before)
    for (const check of this.#waiters) check()
  }

  #announce(before: HostingStatus): void {
    const status = this.status()
    if (JSON.stringify(status) === JSON.stringify(before)) return
    this.#options.log(`hosting: ${describe(status)}`)
    for (const listener of this.#listeners) listener(status)
  }

  #run(effect: SupervisorEffect): void {
    switch (effect.type) {
      case 'spawn':
        this.#spawn(effect.request)
        return
      case 'ask-to-stop':
        this.#process?.askToStop()
        return
      case 'kill':
        this.#options.log('hosting: the audio process does not end by itself and is killed')
        this.#process?.kill()
        return
      case 'abandon':
        this.#life += 1
        this.#process = null
        return
      case 'timer':
        this.#setTimer(effect.delayMs)
        return
    }
  }

  #spawn(request: HostingRequest): void {
    this.#life += 1
    const life = this.#life
    const current = (hear: () => void) => {
      if (life === this.#life) hear()
    }
    this.#process = this.#options.spawn(request, {
      onSpawn: (pid) => current(() => this.#handle({ type: 'spawned', pid })),
      onMessage: (message) => current(() => this.#onMessage(message)),
      onExit: (how) => current(() => this.#onExit(how)),
    })
  }

  #onMessage(message: FromHost): void {
    switch (message.type) {
      case 'connecting':
        this.#options.log('hosting: connecting to the server')
        return
      case 'refused':
        this.#handle({ type: 'refused', detail: message.detail })
        return
      case 'loaded':
      case 'ready':
      case 'rooms':
      case 'token':
        this.#handle(message)
        return
    }
  }

  #onExit(how: string): void {
    this.#options.log(`hosting: the audio process ended (${how})`)
    this.#process = null
    this.#handle({ type: 'exited' })
  }

  #setTimer(delayMs: number | null): void {
    this.#cancelTimer?.()
    this.#cancelTimer =
      delayMs === null
        ? null
        : this.#options.clock.after(delayMs, () => {
            this.#cancelTimer = null
            this.#handle({ type: 'timer' })
          })
  }
}

function describe(status: HostingStatus): string {
  switch (status.state) {
    case 'off':
    case 'starting':
      return status.state
    case 'hosting':
      return `hosting as ${status.nodeId}, process ${status.pid}, rooms ${status.rooms}`
    case 'restarting':
      return `restarting after crash ${status.crashes}`
    case 'failed':
      return `failed: ${status.detail}`
  }
}
