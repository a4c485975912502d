import { describe, expect, it } from 'vitest'
import { speech } from '../assemble/simulated-take.fixture.ts'
import { createBlock, type SoundBlock } from '../av/sound-block.ts'
import { powerToDb } from './decibels.ts'
import { Denoiser } from './denoiser.ts'
import { RealFft } from './fft.ts'
import { gained, laid } from './mix-take.fixture.ts'
import { NoiseLearner, type NoiseProfile } from './noise-profile.ts'
import { STFT_BINS, STFT_HOP, STFT_SIZE, STFT_WINDOW } from './stft.ts'
import { noise, sine } from './test-sounds.fixture.ts'

/** All of the sound through a denoiser, in its place. */
function throughDenoiser(sound: SoundBlock, profile: NoiseProfile | null): SoundBlock {
  const length = sound[0]?.length ?? 0
  const denoiser = new Denoiser(sound.length)
  const out = createBlock(sound.length, length)
  for (let at = 0; at <= length; at += STFT_HOP) {
    const hop = sound.map((samples) => {
      const padded = new Float32Array(STFT_HOP)
      padded.set(samples.subarray(at, at + STFT_HOP))
      return padded
    })
    const made = denoiser.push(hop, profile)
    if (at > 0)
      for (const [i, samples] of out.entries())
        samples.set((made[i] as Float32Array).subarray(0, length - at + STFT_HOP), at - STFT_HOP)
  }
  return out
}

function powerDb(samples: Float32Array, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += (samples[i] as number) ** 2
  return powerToDb(sum / (to - from))
}

function profileOf(sound: SoundBlock): NoiseProfile {
  const learner = new NoiseLearner(sound.length)
  learner.add(sound)
  const [profile] = learner.finish()
  if (!profile) throw new Error('no profile')
  return profile
}

describe('Denoiser', () => {
  it('changes nothing and moves nothing where there is no noise to reduce', () => {
    const sound = [noise(STFT_HOP * 40, 0.3, 1), noise(STFT_HOP * 40, 0.3, 2)]
    const out = throughDenoiser(sound, null)
    const unity = throughDenoiser(sound, new Float32Array(STFT_BINS).fill(1e-4 * STFT_SIZE))
    for (const [channel, samples] of sound.entries()) {
      for (let i = STFT_HOP; i < samples.length; i += 7) {
        expect(Math.abs((out[channel]?.[i] ?? 0) - (samples[i] ?? 0))).toBeLessThan(1e-6)
        // Far above the noise the filter is open.
        expect(Math.abs((unity[channel]?.[i] ?? 0) - (samples[i] ?? 0))).toBeLessThan(0.05)
      }
    }
  })

  it('does as the same arithmetic in double precision', () => {
    const sound = noise(STFT_HOP * 30, 0.01, 3)
    const profile = profileOf([noise(48_000 * 10, 0.005, 4)])
    const [out = new Float32Array()] = throughDenoiser([sound], profile)
    const expected = referenceDenoised(sound, profile)
    for (let i = 0; i < sound.length - STFT_HOP; i++)
      expect(Math.abs((out[i] ?? 0) - (expected[i] ?? 0))).toBeLessThan(1e-6)
  })

  it('takes 8 to 10 dB of steady noise and leaves a tone above it as it is', () => {
    const room = noise(48_000 * 10, 0.003, 5)
    const profile = profileOf([room])
    const [quiet = new Float32Array()] = throughDenoiser([room], profile)
    const reduction = powerDb(room, 48_000, 400_000) - powerDb(quiet, 48_000, 400_000)
    expect(reduction).toBeGreaterThan(8)
    expect(reduction).toBeLessThan(10.1)
    const tone = sine(48_000 * 4, 1_000, 0.1)
    const [out = new Float32Array()] = throughDenoiser([tone.map((value, i) => value + (room[i] ?? 0))], profile)
    expect(Math.abs(powerDb(out, 48_000, 150_000) - powerDb(tone, 48_000, 150_000))).toBeLessThan(0.1)
  })

  it.each([25, 15])(
    'does speech no harm at %i dB above the room: less of the room, and the voice as it was',
    (snrDb) => {
      const clean = gained(speech('host', 10), -6)
      const hiss = noise(clean.length, 1, 8)
      const [voiceDb, hissDb] = [powerDb(clean, 0, clean.length), powerDb(hiss, 0, hiss.length)]
      const room = gained(hiss, voiceDb - snrDb - hissDb)
      const noisy = laid(clean.length, [0, clean], [0, room])
      const [out = new Float32Array()] = throughDenoiser([noisy], profileOf([noisy]))
      const errorDb = (sound: Float32Array) =>
        powerDb(
          sound.map((sample, i) => sample - (clean[i] ?? 0)),
          1_024,
          clean.length - 1_024,
        )
      // What is wrong with the sound, room and damage together, becomes less by 3 dB or more.
      expect(errorDb(noisy) - errorDb(out)).toBeGreaterThan(3)
      // The loud half of the speech is as loud as it was.
      const loud = [...Array(98).keys()]
        .map((i) => 4_800 * i + 4_800)
        .filter((at) => powerDb(clean, at, at + 4_800) > voiceDb)
      for (const at of loud)
        expect(Math.abs(powerDb(out, at, at + 4_800) - powerDb(clean, at, at + 4_800))).toBeLessThan(0.5)
    },
  )

  it('is silent again after sound, and comes back', () => {
    const sound = new Float32Array(STFT_HOP * 20)
    sound.set(noise(STFT_HOP * 5, 0.2, 6))
    sound.set(noise(STFT_HOP * 5, 0.2, 7), STFT_HOP * 14)
    const [out = new Float32Array()] = throughDenoiser([sound], null)
    for (let i = 0; i < sound.length - STFT_HOP; i++)
      expect(Math.abs((out[i] ?? 0) - (sound[i] ?? 0))).toBeLessThan(1e-6)
  })
})

/** Gains as denoiser.ts describes them; `speech` goes on to the next frame. */
function applyReferenceGains(fft: RealFft, profile: NoiseProfile, speech: Float64Array): void {
  for (const [bin, noisePower] of profile.entries()) {
    const re = fft.re[bin] as number
    const im = fft.im[bin] as number
    const posterior = (re * re + im * im) / (noisePower * 1.5 + 1e-12)
    const prior = 0.94 * (speech[bin] as number) + 0.06 * Math.max(0, posterior - 1)
    const gain = Math.max(10 ** (-10 / 20), prior / (1 + prior))
    speech[bin] = gain * gain * posterior
    fft.re[bin] = re * gain
    fft.im[bin] = im * gain
  }
}

function referenceDenoised(sound: Float32Array, profile: NoiseProfile): Float32Array {
  const fft = new RealFft(STFT_SIZE)
  const speech = new Float64Array(STFT_BINS)
  const out = new Float32Array(sound.length + STFT_SIZE)
  for (let at = -STFT_HOP; at < sound.length; at += STFT_HOP) {
    const frame = STFT_WINDOW.map((weight, i) => (sound[at + i] ?? 0) * weight)
    fft.forward(frame)
    applyReferenceGains(fft, profile, speech)
    fft.inverse(frame)
    for (const [i, weight] of STFT_WINDOW.entries()) {
      if (at + i >= 0) out[at + i] = (out[at + i] as number) + (frame[i] as number) * weight
    }
  }
  return out
}
