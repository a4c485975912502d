/**
 * Sends in slices: a packet for a thousand listeners takes milliseconds, and the packets, checks and timers that come
 * meanwhile must not wait for all of them. What is urgent (the stage) goes before what is not (the audience).
 */

/** One packet on its way to a channel. */
export interface EgressJob {
  /** Sends to at most `limit` more listeners. Gives how many it looked at; fewer than `limit` means that it is done. */
  run(limit: number): number
  /** It will not be run (on). */
  drop(): void
}

/**
 * Listeners in one turn of the event loop: about a millisecond at 8 µs each. What the stage says waits for one slice at most. A
 * slice of 48 made the stage's p99 no better (npm run bench -- delay) and cost a sixth more CPU.
 */
const SLICE_LISTENERS = 128
/** Packets under way on one thread. More means that the machine is too slow by seconds: the oldest are lost. */
const MAX_JOBS = 2_048

export class EgressQueue {
  readonly #nextTurn: (call: () => void) => void
  readonly #urgent: EgressJob[] = []
  readonly #patient: EgressJob[] = []
  #isScheduled = false
  #dropped = 0

  /** `nextTurn`: calls after pending input was read (setImmediate). */
  constructor(nextTurn: (call: () => void) => void = setImmediate) {
    this.#nextTurn = nextTurn
  }

  get waiting(): number {
    return this.#urgent.length + this.#patient.length
  }

  get dropped(): number {
    return this.#dropped
  }

  /** Begins at once where nothing waits. */
  push(job: EgressJob, isUrgent: boolean): void {
    const queue = isUrgent ? this.#urgent : this.#patient
    queue.push(job)
    if (queue.length > MAX_JOBS) {
      queue.shift()?.drop()
      this.#dropped += 1
    }
    if (queue.length === 1 && (isUrgent || this.waiting === 1)) this.#runSlice(queue)
    this.#schedule()
  }

  /** Gives how much of the slice is left. */
  #runSlice(queue: EgressJob[], slice = SLICE_LISTENERS): number {
    let left = slice
    while (left > 0) {
      const job = queue[0]
      if (!job) return left
      const looked = job.run(left)
      if (looked < left) queue.shift()
      // A job that found nobody costs a little too.
      left -= Math.max(1, looked)
    }
    return 0
  }

  #schedule(): void {
    if (this.#isScheduled || this.waiting === 0) return
    this.#isScheduled = true
    this.#nextTurn(() => {
      this.#isScheduled = false
      this.#runSlice(this.#patient, this.#runSlice(this.#urgent))
      this.#schedule()
    })
  }
}
