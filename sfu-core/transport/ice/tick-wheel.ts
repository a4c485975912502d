import type { Clock } from '../../clock.ts'
import { LIVENESS } from './liveness.ts'
import { OUTBOUND } from './outbound-checks.ts'

/** What wants a turn each LIVENESS.tickMs, except before the time that its last turn gave. */
interface Ticking {
  tick(nowMs: number): number
}

interface Slice<Link> {
  readonly links: Link[]
  /** Beside the links: a turn looks at a row of numbers and not at thousands of objects that have nothing to do. */
  readonly dueAtMs: number[]
}

const SLICE_MS = 10
const SLICES = LIVENESS.tickMs / SLICE_MS
const SLICES_PER_PACE = OUTBOUND.paceMs / SLICE_MS

/**
 * Gives each link its turn, a fortieth of them at a time: a thousand links that ask and report in one go would hold
 * the loop for milliseconds, and media with it. Stands still without links.
 */
export class TickWheel<Link extends Ticking> {
  readonly #slices: readonly Slice<Link>[] = Array.from({ length: SLICES }, () => ({ links: [], dueAtMs: [] }))
  readonly #places = new Map<Link, Slice<Link>>()
  readonly #clock: Clock
  readonly #onPace: () => void
  #next = 0
  #cancel: (() => void) | null = null

  /** `onPace` is called each OUTBOUND.paceMs while there are links. */
  constructor(clock: Clock, onPace: () => void) {
    this.#clock = clock
    this.#onPace = onPace
  }

  add(link: Link): void {
    const [first] = this.#slices
    if (!first || this.#places.has(link)) return
    const emptiest = this.#slices.reduce(
      (least, slice) => (slice.links.length < least.links.length ? slice : least),
      first,
    )
    emptiest.links.push(link)
    emptiest.dueAtMs.push(0)
    this.#places.set(link, emptiest)
    this.#cancel ??= this.#clock.after(SLICE_MS, () => this.#turn())
  }

  /** The link's next turn counts, whatever its last one gave. */
  wake(link: Link): void {
    const slice = this.#places.get(link)
    if (slice) slice.dueAtMs[slice.links.indexOf(link)] = 0
  }

  remove(link: Link): void {
    const slice = this.#places.get(link)
    if (!slice) return
    this.#places.delete(link)
    const at = slice.links.indexOf(link)
    slice.links.splice(at, 1)
    slice.dueAtMs.splice(at, 1)
  }

  #turn(): void {
    this.#cancel = null
    const slice = this.#slices[this.#next]
    if (slice) this.#tick(slice, this.#clock.monotonicMs())
    this.#next = (this.#next + 1) % SLICES
    if (this.#places.size === 0) return
    if (this.#next % SLICES_PER_PACE === 0) this.#onPace()
    this.#cancel = this.#clock.after(SLICE_MS, () => this.#turn())
  }

  /** From the end, so that links may leave meanwhile: one that moved has had its turn. */
  #tick({ links, dueAtMs }: Slice<Link>, nowMs: number): void {
    for (let i = dueAtMs.length - 1; i >= 0; i--) {
      const link = links[i]
      if (link === undefined || (dueAtMs[i] ?? 0) > nowMs) continue
      // Before its turn, in which it may be woken, and others may leave.
      dueAtMs[i] = Number.POSITIVE_INFINITY
      const dueAgainMs = link.tick(nowMs)
      const at = links[i] === link ? i : links.indexOf(link)
      if (at >= 0) dueAtMs[at] = Math.min(dueAtMs[at] ?? 0, dueAgainMs)
    }
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = null
  }
}
