import { describe, expect, it } from 'vitest'
import { SampleIntake } from './sample-intake.ts'

function block(planes: number[][], rateHz = 48_000) {
  const arrays = planes.map((plane) => Float32Array.from(plane))
  return { planes: arrays, lengthSamples: arrays[0]?.length ?? 0, rateHz, atMs: 0 }
}

describe('samples become what a tape has', () => {
  it('keeps 24-bit samples bit by bit', () => {
    const values = [0, 1, -1, 0x7f_ffff, -0x80_0000, 123_457, -7_654_321]
    const taken = new SampleIntake(1).take(block([values.map((value) => value / 0x80_0000)]))
    expect([...taken]).toEqual(values)
  })

  it('cuts off what is beyond full scale, and takes what is no number for silence', () => {
    const taken = new SampleIntake(1).take(block([[1, 1.5, -3, Number.NaN]]))
    expect([...taken]).toEqual([0x7f_ffff, 0x7f_ffff, -0x80_0000, 0])
  })

  it('makes one channel of two by their middle, and two of one by doubling', () => {
    const [left, right] = [
      [0.5, -0.25],
      [0.25, -0.25],
    ]
    expect([...new SampleIntake(1).take(block([left, right]))]).toEqual([0.375 * 2 ** 23, -0.25 * 2 ** 23])
    expect([...new SampleIntake(2).take(block([left]))]).toEqual([0.5, 0.5, -0.25, -0.25].map((x) => x * 2 ** 23))
  })

  it('interleaves two channels', () => {
    const taken = new SampleIntake(2).take(
      block([
        [0.5, 0.25],
        [-0.5, -0.25],
      ]),
    )
    expect([...taken]).toEqual([0.5, -0.5, 0.25, -0.25].map((x) => x * 2 ** 23))
  })

  it('counts exactly what comes at another rate', () => {
    const intake = new SampleIntake(1)
    let count = 0
    for (let i = 0; i < 1_000; i += 1) count += intake.take(block([new Array(441).fill(0.1)], 44_100)).length
    // 10 s; the filter holds back 53 samples of 44.1 kHz.
    expect(480_000 - count).toBeGreaterThanOrEqual(0)
    expect(480_000 - count).toBeLessThan(70)
  })
})
