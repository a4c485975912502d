import type { WorkerClock } from '../worker-clock.ts'

/** Time that moves when told. The wall clock can be set, and runs on while the computer sleeps. */
export class FakeWorkerClock implements WorkerClock {
  #nowMs = 1_000
  #wallAheadMs = 1_700_000_000_000
  readonly #due = new Set<{ atMs: number; call: () => void }>()

  nowMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return this.#nowMs + this.#wallAheadMs
  }

  /** Nothing runs meanwhile, not even the monotonic clock. */
  sleep(durationMs: number): void {
    this.#wallAheadMs += durationMs
  }

  after(delayMs: number, call: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, call }
    this.#due.add(entry)
    return () => this.#due.delete(entry)
  }

  /** How long until the next timer; null where none runs. */
  get nextInMs(): number | null {
    const next = [...this.#due].map(({ atMs }) => atMs)
    return next.length === 0 ? null : Math.min(...next) - this.#nowMs
  }

  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs
    await settle()
    for (let next = this.#next(endMs); next !== null; next = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      this.#due.delete(next)
      next.call()
      await settle()
    }
    this.#nowMs = endMs
  }

  /** Sound is captured as time goes by: no timer is looked at. */
  pass(durationMs: number): void {
    this.#nowMs += durationMs
  }

  #next(endMs: number) {
    let first: { atMs: number; call: () => void } | null = null
    for (const entry of this.#due) if (entry.atMs <= endMs && (first === null || entry.atMs < first.atMs)) first = entry
    return first
  }
}

/** Lets everything settle that waits for nothing but the machine: promises, hashes. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

declare function setImmediate(call: (value: unknown) => void): void
