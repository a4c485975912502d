import { describe, expect, it } from 'vitest'
import { Resampler } from './resampler.ts'

/** Feeds a sine in blocks of 10 ms; answers with what comes out, from its beginning. */
function resampledSine(rateHz: number, frequencyHz: number, durationS = 1): Float32Array {
  const resampler = new Resampler(rateHz)
  const parts: number[] = []
  const perBlock = Math.round(rateHz / 100)
  for (let from = 0; from < rateHz * durationS; from += perBlock) {
    const block = Float32Array.from({ length: perBlock }, (_, i) => sine(frequencyHz, (from + i) / rateHz))
    parts.push(...resampler.take(block))
  }
  return Float32Array.from(parts)
}

function sine(frequencyHz: number, atS: number): number {
  return 0.5 * Math.sin(2 * Math.PI * frequencyHz * atS)
}

/** Of the difference to the ideal, relative to the sine. The first 10 ms begin out of silence. */
function errorDb(samples: Float32Array, frequencyHz: number): number {
  let error = 0
  let signal = 0
  for (let n = 480; n < samples.length; n += 1) {
    const ideal = sine(frequencyHz, n / 48_000)
    error += ((samples[n] ?? 0) - ideal) ** 2
    signal += ideal ** 2
  }
  return 10 * Math.log10(error / signal)
}

describe('other rates become 48 kHz', () => {
  it.each([
    [44_100, 440],
    [44_100, 15_000],
    [16_000, 3_000],
    [8_000, 1_000],
    [96_000, 18_000],
    [22_050, 5_000],
  ])('a sine at %i Hz of %i Hz keeps its place and height', (rateHz, frequencyHz) => {
    expect(errorDb(resampledSine(rateHz, frequencyHz), frequencyHz)).toBeLessThan(-90)
  })

  it('what 48 kHz cannot hold is not folded back', () => {
    const folded = resampledSine(96_000, 30_000)
    const loudest = folded.subarray(480).reduce((max, sample) => Math.max(max, Math.abs(sample)), 0)
    expect(20 * Math.log10(loudest)).toBeLessThan(-90)
  })

  it('the n-th sample lies at n / 48000 s also after a minute', () => {
    const samples = resampledSine(44_100, 1_000, 60)
    expect(errorDb(samples.subarray(samples.length - 48_000 * 2 - (samples.length % 48)), 1_000)).toBeLessThan(-90)
  })
})
