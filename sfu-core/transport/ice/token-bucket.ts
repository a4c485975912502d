/** A rate with a burst, by the monotonic clock. */
export interface RateLimit {
  readonly perSecond: number
  readonly burst: number
}

export class TokenBucket {
  readonly #limit: RateLimit
  #tokens: number
  #filledAtMs: number

  constructor(limit: RateLimit, nowMs: number) {
    this.#limit = limit
    this.#tokens = limit.burst
    this.#filledAtMs = nowMs
  }

  /** Whether one may be taken. */
  has(nowMs: number): boolean {
    const gained = ((nowMs - this.#filledAtMs) / 1_000) * this.#limit.perSecond
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + gained)
    this.#filledAtMs = nowMs
    return this.#tokens >= 1
  }

  take(nowMs: number): boolean {
    if (!this.has(nowMs)) return false
    this.#tokens -= 1
    return true
  }
}
