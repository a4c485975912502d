import type { TimeRange } from '../../contract/edits.ts'
import { blockLength, createBlock, type SoundBlock, STUDIO_RATE_HZ, sliceBlock } from '../av/sound-block.ts'

/**
 * Where something is cut out, both sides overlap for 15 ms (half of it on either side of the cut), so that no jump is
 * heard. What follows is not moved by that: lengths and places are those of keptRanges.
 */
const CROSSFADE_HALF_SAMPLES = 360
/** At the very beginning and end. */
const EDGE_FADE_SAMPLES = 480

/** A stretch of the take that is read, in samples of the take; `to` is the first after. */
export interface Segment {
  from: number
  to: number
  /** How many samples at its beginning and end overlap with the neighbour. */
  overlapBefore: number
  overlapAfter: number
}

export function toSamples(ms: number): number {
  return Math.round((ms * STUDIO_RATE_HZ) / 1_000)
}

/** What is to be read of each track so that `kept` can be made of it. */
export function segmentsOf(kept: readonly TimeRange[]): Segment[] {
  const ranges = kept
    .map(({ fromMs, toMs }) => ({ from: toSamples(fromMs), to: toSamples(toMs) }))
    .filter(({ from, to }) => to > from)
  const half = (index: number) => {
    const before = ranges[index - 1]
    const after = ranges[index]
    if (!before || !after) return 0
    return Math.min(CROSSFADE_HALF_SAMPLES, Math.floor(Math.min(before.to - before.from, after.to - after.from) / 2))
  }
  return ranges.map(({ from, to }, i) => ({
    from: from - half(i),
    to: to + half(i + 1),
    overlapBefore: 2 * half(i),
    overlapAfter: 2 * half(i + 1),
  }))
}

/** Length of all segments, one after the other: what is read. */
export function readSamples(segments: readonly Segment[]): number {
  return segments.reduce((sum, { from, to }) => sum + to - from, 0)
}

/** Length of what becomes of them. */
export function splicedSamples(segments: readonly Segment[]): number {
  return segments.reduce((sum, { from, to, overlapAfter }) => sum + to - from - overlapAfter, 0)
}

/** Equal power: the two sides have nothing to do with each other. `at` from 0 to 1. */
const rising = (at: number) => Math.sin((Math.PI / 2) * at)
const falling = (at: number) => Math.cos((Math.PI / 2) * at)

export interface SplicerOptions {
  channels: number
  /** Whether the whole begins and ends softly. Not where every sample is to stay what it is. */
  fadesEdges: boolean
}

/** Takes the segments' sound, one after the other in blocks of any length, and gives the spliced sound. */
export class Splicer {
  readonly #segments: readonly Segment[]
  readonly #channels: number
  /** At the very beginning and end. */
  readonly #edgeFade: number
  #index = 0
  /** In the current segment. */
  #at = 0
  /** The faded end of the last segment. */
  #tail: SoundBlock = []

  constructor(segments: readonly Segment[], { channels, fadesEdges }: SplicerOptions) {
    this.#segments = segments
    this.#channels = channels
    this.#edgeFade = fadesEdges ? EDGE_FADE_SAMPLES : 0
  }

  /** May change `block`, and answers with parts of it. Some may be shorter than what came in, or empty. */
  push(block: SoundBlock): SoundBlock[] {
    const parts: SoundBlock[] = []
    for (let from = 0; from < blockLength(block); ) {
      const segment = this.#segments[this.#index]
      if (!segment) break
      const taken = Math.min(blockLength(block) - from, segment.to - segment.from - this.#at)
      const part = sliceBlock(block, from, from + taken)
      this.#fade(part, segment)
      parts.push(this.#withoutTail(part, segment))
      from += taken
      this.#at += taken
      if (this.#at === segment.to - segment.from) this.#next()
    }
    return parts.filter((part) => blockLength(part) > 0)
  }

  #next(): void {
    this.#index += 1
    this.#at = 0
  }

  #fade(part: SoundBlock, segment: Segment): void {
    const isFirst = this.#index === 0
    const isLast = this.#index === this.#segments.length - 1
    const length = segment.to - segment.from
    const before = isFirst ? Math.min(this.#edgeFade, Math.floor(length / 2)) : segment.overlapBefore
    const after = isLast ? Math.min(this.#edgeFade, Math.floor(length / 2)) : segment.overlapAfter
    for (const [channel, samples] of part.entries()) {
      for (let i = 0; i < samples.length && this.#at + i < before; i++) {
        samples[i] = (samples[i] as number) * rising((this.#at + i + 0.5) / before)
        if (!isFirst) samples[i] = (samples[i] as number) + (this.#tail[channel]?.[this.#at + i] ?? 0)
      }
      const fadeFrom = length - after
      for (let i = Math.max(0, fadeFrom - this.#at); i < samples.length; i++) {
        samples[i] = (samples[i] as number) * falling((this.#at + i - fadeFrom + 0.5) / after)
      }
    }
  }

  /** Keeps back what overlaps with the next segment. */
  #withoutTail(part: SoundBlock, segment: Segment): SoundBlock {
    const tailFrom = segment.to - segment.from - segment.overlapAfter - this.#at
    const count = blockLength(part)
    if (segment.overlapAfter === 0 || tailFrom >= count) return part
    const kept = Math.max(0, tailFrom)
    if (this.#at === 0 || tailFrom >= 0) this.#tail = createBlock(this.#channels, segment.overlapAfter)
    for (const [channel, samples] of part.entries()) {
      this.#tail[channel]?.set(
        samples.subarray(kept),
        this.#at + kept - (segment.to - segment.from - segment.overlapAfter),
      )
    }
    return sliceBlock(part, 0, kept)
  }
}
