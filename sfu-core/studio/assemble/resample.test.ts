import { describe, expect, it } from 'vitest'
import { KERNEL_HALF_SAMPLES, resample } from './resample.ts'

const RATE_HZ = 48_000
const COUNT = 20_000

function tone(hz: number, at: (i: number) => number): Float32Array {
  return Float32Array.from({ length: COUNT + 3 * KERNEL_HALF_SAMPLES }, (_, i) =>
    Math.sin((2 * Math.PI * hz * at(i)) / RATE_HZ),
  )
}

/** Error against what the tone is at those places, in dB below the tone. */
function errorDb(hz: number, step: number, offset: number): number {
  const first = KERNEL_HALF_SAMPLES + offset
  const [made = new Float32Array(0)] = resample([tone(hz, (i) => i)], { first, step, count: COUNT })
  const wanted = tone(hz, (i) => first + i * step)
  const error = made.reduce((sum, sample, i) => sum + (sample - (wanted[i] ?? 0)) ** 2, 0)
  return 10 * Math.log10(error / (COUNT / 2))
}

describe('resample', () => {
  for (const [hz, db] of [
    [100, -120],
    [1_000, -100],
    [8_000, -100],
    [15_000, -100],
    [18_000, -90],
  ] as const) {
    it(`is off by less than ${db} dB at ${hz} Hz, at 200 ppm faster and slower`, () => {
      for (const step of [1 + 200e-6, 1 - 200e-6]) {
        for (const offset of [0, 0.37, 0.5]) expect(errorDb(hz, step, offset)).toBeLessThan(db)
      }
    })
  }

  it('changes nothing at whole places', () => {
    const input = tone(3_000, (i) => i)
    const [made] = resample([input], { first: KERNEL_HALF_SAMPLES, step: 1, count: 1_000 })
    const wanted = input.subarray(KERNEL_HALF_SAMPLES, KERNEL_HALF_SAMPLES + 1_000)
    for (let i = 0; i < 1_000; i++) expect(made?.[i]).toBeCloseTo(wanted[i] ?? 0, 7)
  })

  it('leaves constant sound constant', () => {
    const [made] = resample([new Float32Array(3_000).fill(0.5)], { first: 30.3, step: 1.0001, count: 2_000 })
    for (const sample of made ?? []) expect(sample).toBeCloseTo(0.5, 7)
  })
})
