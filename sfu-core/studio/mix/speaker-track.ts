import { createBlock, type SoundBlock, sliceBlock } from '../av/sound-block.ts'
import { SoundReader } from '../av/sound-reader.ts'
import { Biquad, VOICE_HIGH_PASS } from './biquad.ts'
import { Denoiser } from './denoiser.ts'
import type { GainCurve } from './gain-plan.ts'
import type { Interval } from './intervals.ts'
import { FRAME_SAMPLES } from './loudness.ts'
import { applyMutes } from './mutes.ts'
import { type NoiseProfile, PROFILE_FRAMES } from './noise-profile.ts'
import type { Segment } from './segments.ts'
import { STFT_HOP } from './stft.ts'

/** One speaker's part in a mix, as a worker gets it. */
export interface SpeakerTask {
  file: string
  lengthSamples: number
  channels: number
  /** Channels of the mix: a stereo track becomes mono in a mono mix. A mono track stays mono, and is in the middle. */
  outChannels: number
  highPass: boolean
  /** Of each minute; empty: the noise is left. */
  noise: readonly (NoiseProfile | null)[]
  gains: GainCurve
  /** In samples of the take. */
  mutes: readonly Interval[]
  segments: readonly Segment[]
}

/** Before each segment so much is run through the filters unheard, until they have settled. */
const WARM_UP_HOPS = 32
/** One minute of the track. */
const PROFILE_SAMPLES = PROFILE_FRAMES * FRAME_SAMPLES

/** Reads a track, segment after segment, and does everything to it that is done to one speaker alone. Memory: two hops. */
export class SpeakerTrack implements Disposable {
  readonly #task: SpeakerTask
  readonly #reader: SoundReader
  readonly #filters: Biquad[]
  readonly #denoiser: Denoiser
  readonly #raw: SoundBlock
  readonly #hop: SoundBlock
  #segmentIndex = -1
  /** Of the next sample to be given, in the take. */
  #position = 0
  /** Of the next sample to be read. */
  #readPosition = 0
  /** What is left of the hop given last. */
  #ready: SoundBlock = []

  /** @throws FFmpegError where the file cannot be opened. */
  constructor(task: SpeakerTask) {
    this.#task = task
    this.#reader = new SoundReader(task.file, { formats: 'flac' })
    this.#raw = createBlock(task.channels, STFT_HOP)
    this.#hop = createBlock(task.outChannels, STFT_HOP)
    this.#filters = this.#hop.map(() => new Biquad(VOICE_HIGH_PASS))
    this.#denoiser = new Denoiser(task.outChannels)
  }

  /** The next `count` samples of the segments, into `target`; silence behind their end. @throws FFmpegError where the file is damaged; Error where it is too short. */
  read(target: SoundBlock, count: number): void {
    for (let done = 0; done < count; ) {
      const left = this.#leftInSegment()
      if (left === 0 && !this.#nextSegment()) {
        for (const samples of target) samples.fill(0, done, count)
        return
      }
      const ready = this.#ready[0]?.length ?? 0
      const taken = Math.min(count - done, this.#leftInSegment(), ready)
      for (const [channel, samples] of target.entries()) {
        samples.set((this.#ready[channel] ?? (this.#ready[0] as Float32Array)).subarray(0, taken), done)
      }
      this.#advance(taken)
      done += taken
    }
  }

  #leftInSegment(): number {
    const segment = this.#task.segments[this.#segmentIndex]
    return segment ? segment.to - this.#position : 0
  }

  #advance(taken: number): void {
    this.#position += taken
    this.#ready = sliceBlock(this.#ready, taken, this.#ready[0]?.length ?? 0)
    if (this.#ready[0]?.length === 0 && this.#leftInSegment() > 0) this.#process()
  }

  #nextSegment(): boolean {
    this.#segmentIndex += 1
    const segment = this.#task.segments[this.#segmentIndex]
    if (!segment) return false
    for (const filter of this.#filters) filter.reset()
    this.#denoiser.reset()
    const from = Math.max(0, segment.from - WARM_UP_HOPS * STFT_HOP)
    if (from < this.#task.lengthSamples && from !== this.#readPosition) this.#reader.seek(from)
    this.#readPosition = from
    this.#position = from
    this.#denoiser.push(this.#readHop(), null)
    this.#warmUp(segment.from)
    return true
  }

  #warmUp(to: number): void {
    this.#process()
    while (this.#position + STFT_HOP <= to) {
      this.#position += STFT_HOP
      this.#process()
    }
    this.#ready = sliceBlock(this.#ready, to - this.#position, STFT_HOP)
    this.#position = to
  }

  /** Makes the hop at `#position` ready. */
  #process(): void {
    const { noise, gains, mutes } = this.#task
    const minute = Math.min(noise.length - 1, Math.floor(this.#position / PROFILE_SAMPLES))
    const hop = this.#denoiser.push(this.#readHop(), noise[minute] ?? null)
    for (const samples of hop) applyCurve(samples, gains, this.#position)
    applyMutes(hop, mutes, this.#position)
    this.#ready = hop
  }

  #readHop(): SoundBlock {
    const wanted = Math.max(0, Math.min(STFT_HOP, this.#task.lengthSamples - this.#readPosition))
    for (const samples of this.#raw) samples.fill(0, wanted)
    if (wanted > 0 && this.#reader.readInto(this.#raw, 0, wanted) < wanted) {
      throw new Error('the file is shorter than the take report says')
    }
    this.#readPosition += STFT_HOP
    this.#toOutChannels()
    if (this.#task.highPass)
      for (const [channel, samples] of this.#hop.entries()) this.#filters[channel]?.process(samples)
    return this.#hop
  }

  #toOutChannels(): void {
    const [left, right] = this.#raw
    const [first, second] = this.#hop
    if (!left || !first) return
    if (right && !second) for (let i = 0; i < STFT_HOP; i++) first[i] = ((left[i] as number) + (right[i] as number)) / 2
    else first.set(left)
    if (second) second.set(right ?? left)
  }

  /** Idempotent. */
  close(): void {
    this.#reader.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** `from`: where the samples lie in the take. */
function applyCurve(samples: Float32Array, curve: GainCurve, from: number): void {
  const last = curve.length - 1
  for (let i = 0; i < samples.length; ) {
    const frame = Math.floor((from + i) / FRAME_SAMPLES)
    const end = Math.min(samples.length, (frame + 1) * FRAME_SAMPLES - from)
    const before = curve[Math.min(last, frame)] ?? 1
    const step = ((curve[Math.min(last, frame + 1)] ?? 1) - before) / FRAME_SAMPLES
    let gain = before + step * (from + i - frame * FRAME_SAMPLES)
    for (; i < end; i++) {
      samples[i] = (samples[i] as number) * gain
      gain += step
    }
  }
}
