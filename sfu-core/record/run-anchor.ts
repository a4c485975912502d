/**
 * Where a run of RTP timestamps lies on the take's clock. For each packet, delay = arrival - timestamp is what the
 * clocks are apart plus what the network took; the smallest delay is the best estimate of the first alone.
 * All values in samples of 48 kHz.
 */
const BUCKET_SAMPLES = 10 * 48_000
const BUCKETS = 3
export const RUN_ANCHOR_WINDOW_SAMPLES = BUCKET_SAMPLES * BUCKETS
/**
 * The estimate may rise with a sender's clock that is slow, not with a queue in the network: cheap sound cards are
 * wrong by up to 200 ppm.
 */
const MAX_RISE = 0.0005

export class RunAnchor {
  #buckets: number[]
  #bucketStart: number
  #estimate: number
  #estimatedAt: number

  constructor(delay: number, arrival: number) {
    this.#buckets = [delay]
    this.#bucketStart = arrival
    this.#estimate = delay
    this.#estimatedAt = arrival
  }

  get estimate(): number {
    return this.#estimate
  }

  onPacket(delay: number, arrival: number): void {
    if (arrival - this.#bucketStart >= BUCKET_SAMPLES) {
      this.#bucketStart = arrival
      this.#buckets = [delay, ...this.#buckets.slice(0, BUCKETS - 1)]
    } else {
      this.#buckets[0] = Math.min(this.#buckets[0] ?? delay, delay)
    }
    const smallest = Math.min(...this.#buckets)
    const ceiling = this.#estimate + Math.max(0, arrival - this.#estimatedAt) * MAX_RISE
    this.#estimate = Math.min(smallest, ceiling)
    this.#estimatedAt = Math.max(arrival, this.#estimatedAt)
  }
}
