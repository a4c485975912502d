import { createBlock, type SoundBlock } from '../av/sound-block.ts'
import type { Fill } from './fill-holes.ts'
import type { Interval } from './intervals.ts'
import type { TapeStretch } from './plan-track.ts'
import type { SfuSound } from './sfu-sound.ts'
import type { TapeSound } from './tape-sound.ts'

/** At each seam one sound goes while the other comes: 10 ms. */
export const FADE_SAMPLES = 480

/** Sound with its place in the track. Parts may overlap by a fade; what overlaps is added. */
export interface Part extends Interval {
  /** How long it takes to come and to go; 0: at once, and no sample is changed. */
  fadeIn: number
  fadeOut: number
  read(from: number, count: number): SoundBlock
}

export interface Sounds {
  /** By the index of the tape. */
  tapes: readonly TapeSound[]
  sfu: SfuSound
}

/**
 * All parts of a track, in order. A tape fades only where it breaks off into a gap: its own beginning and end stay as
 * they were captured, there only what is put before and behind it fades.
 */
export function partsOf(stretches: readonly TapeStretch[], fills: readonly Fill[], sounds: Sounds): Part[] {
  const tapes = stretches.map((stretch): Part => {
    const before = fills.find((fill) => fill.to === stretch.from)
    const after = fills.find((fill) => fill.from === stretch.to)
    return {
      from: stretch.from,
      to: stretch.to,
      fadeIn: before?.joinsNext ? FADE_SAMPLES : 0,
      fadeOut: after?.joinsPrevious ? FADE_SAMPLES : 0,
      read: (from, count) => readTape(sounds, stretch, { from, count }),
    }
  })
  const holes = fills.map((fill): Part => {
    const from = fill.joinsPrevious ? fill.from - FADE_SAMPLES : fill.from
    const to = fill.joinsNext ? fill.to + FADE_SAMPLES : fill.to
    const fade = Math.min(FADE_SAMPLES, (to - from) >> 1)
    return {
      from,
      to,
      fadeIn: fill.followsTape ? fade : 0,
      fadeOut: fill.precedesTape ? fade : 0,
      read: (at, count) => readFill(sounds, fill, { from: at, count }),
    }
  })
  return [...tapes, ...holes].sort((a, b) => a.from - b.from)
}

interface Range {
  from: number
  count: number
}

function readTape(sounds: Sounds, stretch: TapeStretch, { from, count }: Range): SoundBlock {
  return sounds.tapes[stretch.tape]?.read(stretch.piece.place, from, count) ?? []
}

function readFill(sounds: Sounds, fill: Fill, { from, count }: Range): SoundBlock {
  const block = sounds.sfu.read(from + fill.lagSamples, count)
  for (const samples of block) {
    for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] ?? 0) * fill.gain
  }
  fill.heard(block)
  return block
}

/** Makes the track's sound from its parts, from the beginning on, in blocks of any length. */
export class TrackSound {
  readonly #parts: readonly Part[]
  readonly #channels: number
  #at = 0
  /** Parts before this one are over. */
  #firstPart = 0

  /** `parts` in order of their beginnings. */
  constructor(parts: readonly Part[], channels: number) {
    this.#parts = parts
    this.#channels = channels
  }

  next(count: number): SoundBlock {
    const block = createBlock(this.#channels, count)
    const end = this.#at + count
    while ((this.#parts[this.#firstPart]?.to ?? Number.POSITIVE_INFINITY) <= this.#at) this.#firstPart += 1
    for (let i = this.#firstPart; i < this.#parts.length; i++) {
      const part = this.#parts[i]
      // A fill begins a fade earlier than the tape behind it: the next part may begin before this one.
      if (!part || part.from >= end + FADE_SAMPLES) break
      const from = Math.max(part.from, this.#at)
      const length = Math.min(part.to, end) - from
      if (length > 0) addPart(block, part, { from, length, to: from - this.#at })
    }
    this.#at = end
    return block
  }
}

function addPart(block: SoundBlock, part: Part, range: { from: number; length: number; to: number }): void {
  const sound = part.read(range.from, range.length)
  for (const [channel, samples] of block.entries()) {
    const source = sound[channel] ?? sound[0]
    if (!source) continue
    for (let i = 0, to = range.to; i < source.length; i++, to++) {
      samples[to] = (samples[to] ?? 0) + (source[i] ?? 0) * fadeAt(part, range.from + i)
    }
  }
}

/** Straight: what overlaps is the same sound, so that the two together are as loud as each. */
function fadeAt({ from, to, fadeIn, fadeOut }: Part, at: number): number {
  if (at >= from + fadeIn && at < to - fadeOut) return 1
  const coming = fadeIn === 0 ? 1 : Math.min(1, (at - from + 0.5) / fadeIn)
  const going = fadeOut === 0 ? 1 : Math.min(1, (to - at - 0.5) / fadeOut)
  return coming * going
}
