import { TAKE_CLOCK_INTERVAL_MS } from '../../../sfu-core/contract/limits.ts'
import type { ClockSync } from '../../../sfu-core/contract/tape.ts'
import {
  CLOCK_BURST_COUNT,
  CLOCK_BURST_INTERVAL_MS,
  CLOCK_BURST_MAX_COUNT,
  CLOCK_QUICK_MS,
  CLOCK_ROUND_TRIP_MAX_MS,
} from './limits.ts'
import type { TapeServer } from './tape-server.ts'
import type { WorkerClock } from './worker-clock.ts'

export interface ClockAskingOptions {
  takeId: string
  server: Pick<TapeServer, 'clock'>
  clock: WorkerClock
  onSync(sync: ClockSync): void
}

/**
 * Sets the worker's clock against the take's while a tape runs: some questions at once at first and after a sleep, of which the
 * quickest answers count, then one each TAKE_CLOCK_INTERVAL_MS.
 */
export class ClockAsking {
  readonly #options: ClockAskingOptions
  #token: string | null = null
  /** Questions of the burst that runs; null: none runs. */
  #burstAsked: number | null = null
  #quickestMs = CLOCK_ROUND_TRIP_MAX_MS
  #endWait: (() => void) | null = null
  #isAsking = false
  #isClosed = false

  constructor(options: ClockAskingOptions) {
    this.#options = options
  }

  /** The tape is open: questions may be asked. */
  start(token: string): void {
    this.#token = token
    this.burst()
  }

  /** Something may have moved one of the clocks. */
  burst(): void {
    this.#burstAsked = 0
    this.#quickestMs = CLOCK_ROUND_TRIP_MAX_MS
    this.#endWait?.()
    this.#endWait = null
    void this.#ask()
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#endWait?.()
    this.#endWait = null
  }

  async #ask(): Promise<void> {
    if (this.#token === null || this.#isClosed || this.#isAsking) return
    this.#isAsking = true
    const sync = await this.#question(this.#token)
    this.#isAsking = false
    if (this.#isClosed) return
    if (sync !== null) this.#weigh(sync)
    if (this.#burstAsked !== null) this.#burstAsked += 1
    if (this.#burstAsked !== null && !this.#isBurstEnough(this.#burstAsked)) {
      this.#wait(CLOCK_BURST_INTERVAL_MS)
      return
    }
    this.#burstAsked = null
    this.#quickestMs = CLOCK_ROUND_TRIP_MAX_MS
    this.#wait(TAKE_CLOCK_INTERVAL_MS)
  }

  /** A short tape has no other questions than these. */
  #isBurstEnough(asked: number): boolean {
    return asked >= (this.#quickestMs <= CLOCK_QUICK_MS ? CLOCK_BURST_COUNT : CLOCK_BURST_MAX_COUNT)
  }

  /** Of a burst, those that were quicker than the ones before: the first is told at once, because the page may die. */
  #weigh(sync: ClockSync): void {
    if (sync.roundTripMs >= this.#quickestMs) return
    this.#quickestMs = sync.roundTripMs
    this.#options.onSync(sync)
  }

  #wait(delayMs: number): void {
    this.#endWait?.()
    this.#endWait = this.#options.clock.after(delayMs, () => {
      this.#endWait = null
      void this.#ask()
    })
  }

  /** Null: no answer, or that of another take (the node came back and began a new one). */
  async #question(token: string): Promise<ClockSync | null> {
    const { server, clock, takeId } = this.#options
    const askedAtMs = clock.nowMs()
    try {
      const answer = await server.clock(token)
      const answeredAtMs = clock.nowMs()
      if (answer.takeId !== takeId) return null
      const roundTripMs = answeredAtMs - askedAtMs
      return { monotonicMs: askedAtMs + roundTripMs / 2, takeMs: answer.takeMs, roundTripMs }
    } catch {
      return null
    }
  }
}
