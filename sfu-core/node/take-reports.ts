import type { Clock } from '../clock.ts'
import type { TakeId } from '../contract/ids.ts'
import { type ReasonCode, Refusal } from '../contract/reasons.ts'
import type { TakeManifest } from '../contract/take.ts'
import { fitReport } from './fit-report.ts'
import { REPORT_RETRY_MAX_MS, REPORT_RETRY_MIN_MS } from './limits.ts'

export interface TakeReportsOptions {
  clock: Clock
  send(manifest: TakeManifest): Promise<void>
  /** The server knows how this take ended, or never will: it need not be told again. */
  onEndReported(manifest: TakeManifest): void
  onTrouble(error: unknown, manifest: TakeManifest): void
}

/** Refusals that another try will not change. */
const FINAL_REFUSALS: ReadonlySet<ReasonCode> = new Set(['room-not-found', 'not-allowed', 'input-invalid'])

/**
 * The news of takes that the server has not heard yet: the newest manifest of each take, sent one after
 * another, kept until the server has it. Bounded by the number of takes that ran or were found.
 */
export class TakeReports {
  readonly #options: TakeReportsOptions
  readonly #waiting = new Map<TakeId, TakeManifest>()
  /** Takes that not even fitReport makes small enough, so that each is complained of once. */
  readonly #tooLarge = new Set<TakeId>()
  #sending: Promise<void> | null = null
  #up = false
  #retryMs = REPORT_RETRY_MIN_MS
  #cancelRetry: () => void = () => {}

  constructor(options: TakeReportsOptions) {
    this.#options = options
  }

  put(manifest: TakeManifest): void {
    this.#waiting.set(manifest.takeId, manifest)
    this.#send()
  }

  setUp(up: boolean): void {
    this.#up = up
    this.#retryMs = REPORT_RETRY_MIN_MS
    this.#cancelRetry()
    this.#send()
  }

  get waitingCount(): number {
    return this.#waiting.size
  }

  /** Resolves when nothing is left to send, or nothing can be sent. */
  async settled(): Promise<void> {
    while (this.#sending) await this.#sending
  }

  close(): void {
    this.#up = false
    this.#cancelRetry()
  }

  #send(): void {
    if (this.#sending || !this.#up || this.#waiting.size === 0) return
    this.#cancelRetry()
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = null
    })
  }

  async #sendAll(): Promise<void> {
    while (this.#up) {
      const [manifest] = this.#waiting.values()
      if (!manifest) return
      this.#waiting.delete(manifest.takeId)
      const report = fitReport(manifest)
      if (!report) {
        this.#letGo(manifest)
        continue
      }
      try {
        await this.#options.send(report)
        this.#retryMs = REPORT_RETRY_MIN_MS
        if (manifest.endedAtMs !== null) this.#options.onEndReported(manifest)
      } catch (error) {
        this.#options.onTrouble(error, manifest)
        if (error instanceof Refusal && FINAL_REFUSALS.has(error.code)) continue
        this.#putBack(manifest)
        return
      }
    }
  }

  /** The server would close the line on it, and all rooms with it, each time anew. */
  #letGo(manifest: TakeManifest): void {
    if (!this.#tooLarge.has(manifest.takeId)) {
      this.#tooLarge.add(manifest.takeId)
      this.#options.onTrouble(new Refusal('message-too-large', 'no report of the take fits a message'), manifest)
    }
    if (manifest.endedAtMs !== null) this.#options.onEndReported(manifest)
  }

  /** At the end of the queue, so that one that the server does not take holds up no other. */
  #putBack(manifest: TakeManifest): void {
    if (!this.#waiting.has(manifest.takeId)) this.#waiting.set(manifest.takeId, manifest)
    this.#cancelRetry = this.#options.clock.after(this.#retryMs, () => this.#send())
    this.#retryMs = Math.min(this.#retryMs * 2, REPORT_RETRY_MAX_MS)
  }
}
