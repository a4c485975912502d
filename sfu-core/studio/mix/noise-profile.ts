import { blockLength, createBlock, type SoundBlock } from '../av/sound-block.ts'
import { RealFft } from './fft.ts'
import { FRAME_SAMPLES } from './loudness.ts'
import { STFT_BINS, STFT_SIZE, STFT_WINDOW } from './stft.ts'

/** Within each section the quietest moments are listened to; nobody speaks for ten seconds without one. */
const SECTION_FRAMES = 1_000
const MOMENTS_PER_SECTION = 12
/** Frames that a moment's window touches. */
const MOMENT_FRAMES = Math.ceil(STFT_SIZE / FRAME_SAMPLES)
/** One profile holds for a minute: rooms change, but slowly. */
export const PROFILE_SECTIONS = 6
export const PROFILE_FRAMES = SECTION_FRAMES * PROFILE_SECTIONS
/** Sections this much louder than the quietest of their minute had no pause: they say nothing of the noise. */
const SECTION_TOLERANCE = 10 ** (3 / 10)

/** Power in each bin of the STFT, of the room and the microphone when nobody speaks. */
export type NoiseProfile = Float32Array<ArrayBuffer>

interface Section {
  power: number
  spectrum: Float64Array
}

/** Learns a track's noise from its quietest moments, as the track goes by. Memory: ten seconds of sound. */
export class NoiseLearner {
  readonly #fft = new RealFft(STFT_SIZE)
  readonly #windowed = new Float64Array(STFT_SIZE)
  readonly #sound: SoundBlock
  #filled = 0
  #sections: (Section | null)[] = []
  readonly #profiles: (NoiseProfile | null)[] = []

  constructor(channels: number) {
    this.#sound = createBlock(channels, SECTION_FRAMES * FRAME_SAMPLES)
  }

  add(block: SoundBlock): void {
    const count = blockLength(block)
    for (let from = 0; from < count; ) {
      const taken = Math.min(count - from, blockLength(this.#sound) - this.#filled)
      for (const [channel, samples] of this.#sound.entries()) {
        samples.set((block[channel] ?? samples).subarray(from, from + taken), this.#filled)
      }
      this.#filled += taken
      from += taken
      if (this.#filled === blockLength(this.#sound)) this.#endSection()
    }
  }

  /** One profile for each minute begun; null where there is nothing but silence. */
  finish(): (NoiseProfile | null)[] {
    if (this.#filled > 0) this.#endSection()
    if (this.#sections.length > 0) this.#endProfile()
    return this.#profiles
  }

  #endSection(): void {
    this.#sections.push(this.#listen())
    this.#filled = 0
    if (this.#sections.length === PROFILE_SECTIONS) this.#endProfile()
  }

  #endProfile(): void {
    this.#profiles.push(mergeSections(this.#sections))
    this.#sections = []
  }

  #listen(): Section | null {
    const moments = this.#quietMoments()
    if (moments.length === 0) return null
    const spectrum = new Float64Array(STFT_BINS)
    for (const moment of moments) this.#addSpectrum(moment * FRAME_SAMPLES, spectrum)
    for (let bin = 0; bin < STFT_BINS; bin++) spectrum[bin] = (spectrum[bin] as number) / moments.length
    return { power: spectrum.reduce((sum, power) => sum + power, 0), spectrum }
  }

  /** The frames at which the quietest windows begin. Digital silence (a muted microphone) says nothing of noise. */
  #quietMoments(): number[] {
    const frames = Math.floor(this.#filled / FRAME_SAMPLES)
    const energies = Float64Array.from({ length: frames }, (_, frame) => this.#frameEnergy(frame))
    const moments: { frame: number; energy: number }[] = []
    for (let frame = 0; frame + MOMENT_FRAMES <= frames; frame += MOMENT_FRAMES) {
      const touched = energies.subarray(frame, frame + MOMENT_FRAMES)
      if (touched.every((energy) => energy > 0)) moments.push({ frame, energy: Math.max(...touched) })
    }
    return moments
      .toSorted((a, b) => a.energy - b.energy)
      .slice(0, MOMENTS_PER_SECTION)
      .map(({ frame }) => frame)
  }

  #frameEnergy(frame: number): number {
    let energy = 0
    for (const samples of this.#sound) {
      for (let i = frame * FRAME_SAMPLES; i < (frame + 1) * FRAME_SAMPLES; i++) energy += (samples[i] as number) ** 2
    }
    return energy
  }

  #addSpectrum(from: number, spectrum: Float64Array): void {
    const fft = this.#fft
    for (const samples of this.#sound) {
      for (let i = 0; i < STFT_SIZE; i++) {
        this.#windowed[i] = (samples[from + i] as number) * (STFT_WINDOW[i] as number)
      }
      fft.forward(this.#windowed)
      for (let bin = 0; bin < STFT_BINS; bin++) {
        spectrum[bin] = (spectrum[bin] as number) + (fft.re[bin] as number) ** 2 + (fft.im[bin] as number) ** 2
      }
    }
  }
}

function mergeSections(sections: readonly (Section | null)[]): NoiseProfile | null {
  const known = sections.filter((section) => section !== null)
  if (known.length === 0) return null
  const quietest = Math.min(...known.map(({ power }) => power))
  const quiet = known.filter(({ power }) => power <= quietest * SECTION_TOLERANCE)
  return Float32Array.from({ length: STFT_BINS }, (_, bin) => {
    return quiet.reduce((sum, { spectrum }) => sum + (spectrum[bin] as number), 0) / quiet.length
  })
}

function totalOf(profile: NoiseProfile): number {
  return profile.reduce((sum, power) => sum + power, 0)
}

/** In a minute without any pause its own profile holds speech: that of a neighbour is taken where it is quieter by more than this. */
const PAUSELESS_RATIO = 10 ** (6 / 10)

/** For each minute, the profile to go by: its own, or that of a quieter neighbour. */
export function settleProfiles(profiles: readonly (NoiseProfile | null)[]): (NoiseProfile | null)[] {
  return profiles.map((own, minute) => {
    const near = [profiles[minute - 1], profiles[minute + 1]].filter(
      (profile) => profile !== null && profile !== undefined,
    )
    const quietest = near.toSorted((a, b) => totalOf(a) - totalOf(b))[0] ?? null
    if (!own || !quietest) return own ?? quietest
    return totalOf(own) > totalOf(quietest) * PAUSELESS_RATIO ? quietest : own
  })
}
