import type { Clock } from '../../clock.ts'
import { LIVENESS } from './liveness.ts'
import { OUTBOUND } from './outbound-checks.ts'

/** What wants a turn each LIVENESS.tickMs. */
interface Ticking {
  tick(nowMs: number): void
}

const SLICE_MS = 10
const SLICES = LIVENESS.tickMs / SLICE_MS
const SLICES_PER_PACE = OUTBOUND.paceMs / SLICE_MS

/**
 * Gives each link its turn, a fiftieth of them at a time: a thousand links that ask and report in one go would hold
 * the loop for milliseconds, and media with it. Stands still without links.
 */
export class TickWheel<Link extends Ticking> {
  readonly #slices: readonly Set<Link>[] = Array.from({ length: SLICES }, () => new Set<Link>())
  readonly #clock: Clock
  readonly #onPace: () => void
  #next = 0
  #size = 0
  #cancel: (() => void) | null = null

  /** `onPace` is called each OUTBOUND.paceMs while there are links. */
  constructor(clock: Clock, onPace: () => void) {
    this.#clock = clock
    this.#onPace = onPace
  }

  add(link: Link): void {
    const [first = new Set<Link>()] = this.#slices
    const emptiest = this.#slices.reduce((least, slice) => (slice.size < least.size ? slice : least), first)
    emptiest.add(link)
    this.#size += 1
    this.#cancel ??= this.#clock.after(SLICE_MS, () => this.#turn())
  }

  remove(link: Link): void {
    if (this.#slices.some((slice) => slice.delete(link))) this.#size -= 1
  }

  #turn(): void {
    this.#cancel = null
    const nowMs = this.#clock.monotonicMs()
    for (const link of [...(this.#slices[this.#next] ?? [])]) link.tick(nowMs)
    this.#next = (this.#next + 1) % SLICES
    if (this.#size === 0) return
    if (this.#next % SLICES_PER_PACE === 0) this.#onPace()
    this.#cancel = this.#clock.after(SLICE_MS, () => this.#turn())
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = null
  }
}
