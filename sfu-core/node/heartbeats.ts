import type { Clock } from '../clock.ts'
import { HEARTBEAT_INTERVAL_MS } from '../contract/limits.ts'
import type { Heartbeat } from '../contract/node-protocol.ts'
import { HEARTBEATS_MAX_PENDING } from './limits.ts'

export interface HeartbeatsOptions {
  clock: Clock
  read(): Heartbeat
  send(heartbeat: Heartbeat): Promise<void>
}

/** Tells the server each second that the node lives, while the line is up. */
export class Heartbeats {
  readonly #options: HeartbeatsOptions
  #cancel: () => void = () => {}
  /** A line that comes back starts a new period: what hung in the old one counts no more. */
  #period = 0
  #pending = 0

  constructor(options: HeartbeatsOptions) {
    this.#options = options
  }

  start(): void {
    this.stop()
    this.#period += 1
    this.#pending = 0
    this.#beat()
  }

  /** Idempotent. */
  stop(): void {
    this.#cancel()
  }

  #beat(): void {
    this.#cancel = this.#options.clock.after(HEARTBEAT_INTERVAL_MS, () => this.#beat())
    if (this.#pending >= HEARTBEATS_MAX_PENDING) return
    const period = this.#period
    this.#pending += 1
    const done = () => {
      if (period === this.#period) this.#pending -= 1
    }
    // A heartbeat that is lost needs no word: the line says itself that it is down.
    this.#options.send(this.#options.read()).then(done, done)
  }
}
