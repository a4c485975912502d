import { describe, expect, it } from 'vitest'
import { quietFfmpeg } from '../av/ffmpeg-log.ts'
import { sliceBlock } from '../av/sound-block.ts'
import { fromDb, toDb } from './decibels.ts'
import { Limiter } from './limiter.ts'
import { noise, sine } from './test-sounds.fixture.ts'
import { TruePeaks } from './true-peaks.ts'

quietFfmpeg()
const RATE_HZ = 48_000
const CEILING = fromDb(-1)

function limited(sound: Float32Array, blockSamples = 4_800): Float32Array {
  const limiter = new Limiter(CEILING, 1)
  const padded = new Float32Array(sound.length + Limiter.DELAY_SAMPLES)
  padded.set(sound)
  const out = new Float32Array(padded.length)
  for (let at = 0; at < padded.length; at += blockSamples) {
    const [made] = limiter.process(sliceBlock([padded], at, Math.min(padded.length, at + blockSamples)))
    if (made) out.set(made, at)
  }
  return out.subarray(Limiter.DELAY_SAMPLES)
}

function truePeak(sound: Float32Array): number {
  const peaks = new TruePeaks(1).measure([sound], 0)
  return peaks?.reduce((most, peak) => Math.max(most, peak), 0) ?? 0
}

describe('true peaks', () => {
  it('lie between the samples: a quarter of the rate, 45 degrees off', () => {
    const sound = Float32Array.from({ length: 4_800 }, (_, i) => Math.sin((Math.PI / 2) * i + Math.PI / 4))
    expect(toDb(sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0))).toBeCloseTo(-3.01, 2)
    expect(Math.abs(toDb(truePeak(sound.subarray(100, 4_700))))).toBeLessThan(0.3)
  })
})

describe('the limiter', () => {
  it.each([
    ['a loud tone', sine(RATE_HZ, 997, 1.7)],
    [
      'peaks between samples',
      sine(RATE_HZ, 11_999, 1.2).map((sample, i) => (i % 9_000 < 4_000 ? sample : sample / 20)),
    ],
    ['noise', noise(RATE_HZ, 2, 1)],
    ['single clicks', noise(RATE_HZ, 0.1, 2).map((sample, i) => (i % 5_000 === 77 ? 3 : sample))],
  ])('keeps %s under the ceiling', (_, sound) => {
    expect(toDb(truePeak(limited(sound)))).toBeLessThan(-1 + 0.05)
  })

  it('does not touch what is under the ceiling, and moves nothing', () => {
    const sound = noise(RATE_HZ, 0.3, 3)
    expect(limited(sound)).toEqual(sound)
  })

  it('is the same whatever the blocks', () => {
    const sound = noise(RATE_HZ, 1.5, 4)
    const whole = limited(sound, sound.length)
    expect(limited(sound, 100)).toEqual(whole)
    expect(limited(sound, 7_777)).toEqual(whole)
  })

  it('comes back after a peak', () => {
    const sound = noise(2 * RATE_HZ, 0.1, 5)
    sound[10_000] = 2
    const out = limited(sound)
    expect(out[10_300]).not.toBe(sound[10_300])
    for (let i = 90_000; i < 95_000; i++) expect(out[i]).toBe(sound[i])
  })
})
