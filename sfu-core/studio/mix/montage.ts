import { blockLength, createBlock, type SoundBlock, sliceBlock } from '../av/sound-block.ts'
import type { ScratchSound } from './scratch-sound.ts'

const BLOCK_SAMPLES = 48_000

/** An intro or outro in its place. All in samples. */
export interface PlacedClip {
  sound: ScratchSound
  gain: number
  /** How long it overlaps the talk, fading. */
  fade: number
  /** Left out at the end that is away from the talk (previews). */
  skipped: number
}

export interface MontageOptions {
  channels: number
  talk: AsyncIterable<SoundBlock>
  talkSamples: number
  intro: PlacedClip | null
  outro: PlacedClip | null
}

/** How long the talk begins after the beginning. */
export function talkOffset(intro: PlacedClip | null): number {
  return intro ? intro.sound.lengthSamples - intro.skipped - intro.fade : 0
}

export function montageSamples({ talkSamples, intro, outro }: Omit<MontageOptions, 'talk' | 'channels'>): number {
  return talkOffset(intro) + talkSamples + talkOffset(outro)
}

type Edge = 'intro' | 'outro'

/** Gain at a distance (in samples) from the end at which the talk is: raised cosine, so that no edge is heard. */
function clipFade(distance: number, fade: number): number {
  return distance < fade ? (1 - Math.cos((Math.PI * distance) / fade)) / 2 : 1
}

async function* clipSound(clip: PlacedClip, edge: Edge): AsyncGenerator<SoundBlock> {
  const length = clip.sound.lengthSamples
  const first = edge === 'intro' ? clip.skipped : 0
  const last = edge === 'intro' ? length : length - clip.skipped
  const distance = (place: number) => (edge === 'intro' ? length - place - 0.5 : place + 0.5)
  let at = 0
  for (const block of clip.sound.blocks()) {
    for (const samples of block) {
      for (let i = 0; i < samples.length; i++) {
        samples[i] = (samples[i] as number) * clip.gain * clipFade(distance(at + i), clip.fade)
      }
    }
    const heard = sliceBlock(block, Math.max(0, first - at), Math.max(0, Math.min(blockLength(block), last - at)))
    if (blockLength(heard) > 0) yield heard
    at += blockLength(block)
  }
}

/** Something that sounds from a place of the montage on. */
class Layer {
  readonly #from: number
  readonly #sound: AsyncIterator<SoundBlock>
  #rest: SoundBlock = []
  #at: number
  #isOver = false

  constructor(from: number, sound: AsyncIterable<SoundBlock>) {
    this.#from = from
    this.#at = from
    this.#sound = sound[Symbol.asyncIterator]()
  }

  /** Adds what lies in the block, which begins at `blockFrom`. */
  async addTo(block: SoundBlock, blockFrom: number): Promise<void> {
    const blockTo = blockFrom + blockLength(block)
    if (blockTo <= this.#from) return
    while (this.#at < blockTo && !this.#isOver) {
      if (blockLength(this.#rest) === 0) {
        const next = await this.#sound.next()
        this.#isOver = next.done === true
        this.#rest = next.done ? [] : next.value
        continue
      }
      const taken = Math.min(blockLength(this.#rest), blockTo - this.#at)
      for (const [channel, samples] of block.entries()) {
        const source = this.#rest[channel] ?? (this.#rest[0] as Float32Array)
        const to = this.#at - blockFrom
        for (let i = 0; i < taken; i++) samples[to + i] = (samples[to + i] as number) + (source[i] as number)
      }
      this.#rest = sliceBlock(this.#rest, taken, blockLength(this.#rest))
      this.#at += taken
    }
  }

  async close(): Promise<void> {
    await this.#sound.return?.()
  }
}

/** Intro, talk and outro, overlapping. Blocks of a second, the receiver's own. */
export async function* montage(options: MontageOptions): AsyncGenerator<SoundBlock> {
  const { channels, talk, talkSamples, intro, outro } = options
  const talkFrom = talkOffset(intro)
  const layers = [new Layer(talkFrom, talk)]
  if (intro) layers.push(new Layer(0, clipSound(intro, 'intro')))
  if (outro) layers.push(new Layer(talkFrom + talkSamples - outro.fade, clipSound(outro, 'outro')))
  const total = montageSamples(options)
  try {
    for (let at = 0; at < total; at += BLOCK_SAMPLES) {
      const block = createBlock(channels, Math.min(BLOCK_SAMPLES, total - at))
      for (const layer of layers) await layer.addTo(block, at)
      yield block
    }
  } finally {
    for (const layer of layers) await layer.close()
  }
}
