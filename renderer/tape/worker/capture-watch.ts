import { type CaptureMark, type CaptureNote, TAPE_SAMPLE_RATE_HZ } from '../../../sfu-core/contract/tape.ts'
import { MARK_INTERVAL_SAMPLES } from './limits.ts'

type Cause = CaptureNote['cause']

const SAMPLES_PER_MS = TAPE_SAMPLE_RATE_HZ / 1_000
/** Shorter waits come from a busy machine and are caught up with. */
const WAIT_MS = 60
/** Sound that waited in a queue has come by then. */
const SETTLED_MARKS = 4
/** A worker that was held up for so long has let the browser's queue run over (MAX_WAITING_FRAMES of open-capture.ts: 10 s). */
const QUEUE_MS = 9_500

/**
 * Sets the count of samples against the clock. Blocks are late by varying times, but never early: of each quarter of a second
 * the least late one is the mark. A wait that is not caught up with, because no queued sound follows it, is a stall: its place
 * and cause are noted. The server finds the gaps by the marks alone; notes only name them.
 */
export class CaptureWatch {
  #count = 0
  #best: CaptureMark | null = null
  #bestLateMs = Number.POSITIVE_INFINITY
  #markFrom = 0
  #lastAtMs: number | null = null
  /** How late the marks were before the wait that is being looked into. */
  #usualLateMs: number | null = null
  #wait: { sample: number; marks: number; leastLateMs: number; cause: Cause } | null = null
  #suspicion: Cause | null = null

  /** Samples so far. */
  get count(): number {
    return this.#count
  }

  /** Something that would explain a gap right here. */
  suspect(cause: Cause): void {
    this.#suspicion = cause
  }

  /** So many samples have come; answers with the mark and the note that are due. */
  took(sampleCount: number, atMs: number): { mark: CaptureMark | null; note: CaptureNote | null } {
    this.#look(atMs)
    this.#count += sampleCount
    const lateMs = atMs - this.#count / SAMPLES_PER_MS
    if (lateMs < this.#bestLateMs) {
      this.#bestLateMs = lateMs
      this.#best = [this.#count, atMs]
    }
    if (this.#count - this.#markFrom < MARK_INTERVAL_SAMPLES) return { mark: null, note: null }
    return this.#closeMark()
  }

  /** The mark that has begun, at the end of a chunk or of the tape. */
  last(): CaptureMark | null {
    return this.#best
  }

  #look(atMs: number): void {
    const waitedMs = this.#lastAtMs === null ? 0 : atMs - this.#lastAtMs
    this.#lastAtMs = atMs
    if (waitedMs < WAIT_MS || this.#wait !== null) return
    const cause = waitedMs > QUEUE_MS ? 'overrun' : 'stalled'
    this.#wait = { sample: this.#count, marks: 0, leastLateMs: Number.POSITIVE_INFINITY, cause }
  }

  #closeMark(): { mark: CaptureMark | null; note: CaptureNote | null } {
    const mark = this.#best
    const lateMs = this.#bestLateMs
    this.#best = null
    this.#bestLateMs = Number.POSITIVE_INFINITY
    this.#markFrom = this.#count
    return { mark, note: this.#judge(lateMs) }
  }

  #judge(lateMs: number): CaptureNote | null {
    const wait = this.#wait
    if (wait === null) {
      this.#usualLateMs = lateMs
      this.#suspicion = null
      return null
    }
    // The mark in which the wait lies may still be one from before it.
    wait.marks += 1
    if (wait.marks > 1) wait.leastLateMs = Math.min(wait.leastLateMs, lateMs)
    if (wait.marks <= SETTLED_MARKS) return null
    const isGap = wait.leastLateMs - (this.#usualLateMs ?? lateMs) > WAIT_MS / 2
    this.#usualLateMs = wait.leastLateMs
    this.#wait = null
    const cause = this.#suspicion ?? wait.cause
    this.#suspicion = null
    return isGap ? { sample: wait.sample, cause } : null
  }
}
