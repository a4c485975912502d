import { SLOT_COUNT } from '../../contract/limits.ts'
import type { Downlink, OutStream } from './downlink.ts'

/**
 * The members of one channel, in columns. A packet's walk through thousands of them is a walk through memory that left the caches
 * long ago: what it needs must not lie behind one object after the other, so that the processor can fetch for several members at once.
 */
export class ChannelMembers {
  /** A place that was left is null until nobody walks. */
  readonly #downlinks: (Downlink | null)[] = []
  readonly #listenerNumbers: number[] = []
  /** Per slot: each member's stream, once a packet was sent there. */
  readonly #streams: readonly (OutStream | null)[][] = Array.from({ length: SLOT_COUNT }, () => [])
  readonly #firstSection: number
  #empty = 0
  #walks = 0

  /** @param firstSection the section of slot 0 */
  constructor(firstSection: number) {
    this.#firstSection = firstSection
  }

  /** Places, empty ones among them. */
  get length(): number {
    return this.#downlinks.length
  }

  get count(): number {
    return this.#downlinks.length - this.#empty
  }

  /** Packets that walk through now. */
  get walks(): number {
    return this.#walks
  }

  add(downlink: Downlink, listenerNumber: number): void {
    this.#downlinks.push(downlink)
    this.#listenerNumbers.push(listenerNumber)
    for (const column of this.#streams) column.push(null)
  }

  remove(downlink: Downlink): void {
    const at = this.#downlinks.indexOf(downlink)
    if (at < 0) return
    this.#downlinks[at] = null
    for (const column of this.#streams) column[at] = null
    this.#empty += 1
    this.#compact()
  }

  beginWalk(): void {
    this.#walks += 1
  }

  endWalk(): void {
    this.#walks -= 1
    this.#compact()
  }

  /** Calls `visit` for the members from one place to another who can be sent to in this slot, except for one listener. */
  walk(
    { from, until, slot, except }: { from: number; until: number; slot: number; except: number },
    visit: (downlink: Downlink, stream: OutStream) => void,
  ): void {
    const column = this.#streams[slot]
    if (!column) return
    for (let i = from; i < until; i++) {
      const downlink = this.#downlinks[i]
      if (!downlink || this.#listenerNumbers[i] === except || !downlink.hasRoute) continue
      const stream = column[i] ?? this.#open(i, downlink, slot)
      if (stream) visit(downlink, stream)
    }
  }

  #open(i: number, downlink: Downlink, slot: number): OutStream | null {
    const stream = downlink.stream(this.#firstSection + slot)
    const column = this.#streams[slot]
    if (column) column[i] = stream
    return stream
  }

  /** Not while a packet walks through: it would miss some and meet others twice. */
  #compact(): void {
    if (this.#walks > 0 || this.#empty === 0) return
    let kept = 0
    for (let i = 0; i < this.#downlinks.length; i++) {
      if (this.#downlinks[i]) this.#move(i, kept++)
    }
    this.#cut(kept)
  }

  #move(from: number, to: number): void {
    this.#downlinks[to] = this.#downlinks[from] ?? null
    this.#listenerNumbers[to] = this.#listenerNumbers[from] ?? 0
    for (const column of this.#streams) column[to] = column[from] ?? null
  }

  #cut(length: number): void {
    this.#downlinks.length = length
    this.#listenerNumbers.length = length
    for (const column of this.#streams) column.length = length
    this.#empty = 0
  }

  clear(): void {
    this.#cut(0)
  }
}
