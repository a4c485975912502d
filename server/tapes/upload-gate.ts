import { TAPE_CHECKS_MAX, TAPE_UPLOADS_MAX, TAPE_UPLOADS_PER_TAPE_MAX } from '../limits.ts'
import { RateRefusal } from '../refusals.ts'

const RETRY_MS = 1_000

/** How many uploads, and looks into them, go on at the same time. */
export class UploadGate {
  readonly #uploads = new Map<string, number>()
  #total = 0
  #checks = 0
  #waiting: (() => void)[] = []

  /** @throws RateRefusal. */
  async upload<T>(tapeId: string, work: () => Promise<T>): Promise<T> {
    const ofTape = this.#uploads.get(tapeId) ?? 0
    if (ofTape >= TAPE_UPLOADS_PER_TAPE_MAX || this.#total >= TAPE_UPLOADS_MAX) {
      throw new RateRefusal(RETRY_MS, 'Too many uploads at the same time.')
    }
    this.#count(tapeId, 1)
    try {
      return await work()
    } finally {
      this.#count(tapeId, -1)
    }
  }

  /** Waits for its turn; uploads bound how many wait. */
  async check<T>(work: () => Promise<T>): Promise<T> {
    while (this.#checks >= TAPE_CHECKS_MAX) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#checks += 1
    try {
      return await work()
    } finally {
      this.#checks -= 1
      this.#waiting.shift()?.()
    }
  }

  #count(tapeId: string, change: 1 | -1): void {
    const ofTape = (this.#uploads.get(tapeId) ?? 0) + change
    if (ofTape === 0) this.#uploads.delete(tapeId)
    else this.#uploads.set(tapeId, ofTape)
    this.#total += change
  }
}
