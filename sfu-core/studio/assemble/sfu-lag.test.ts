import { beforeAll, describe, expect, it } from 'vitest'
import { LAG_MAX_SAMPLES, LAG_MIN_SAMPLES, LAG_WINDOW_SAMPLES, measureLag } from './sfu-lag.ts'
import { speech } from './simulated-take.fixture.ts'

describe('measureLag', () => {
  let voice: Float32Array
  let other: Float32Array
  beforeAll(() => {
    voice = speech('host', 8)
    other = speech('guest', 8)
  })
  const AT = 96_000
  const AROUND = LAG_WINDOW_SAMPLES + LAG_MAX_SAMPLES - LAG_MIN_SAMPLES

  const measure = (sfu: Float32Array, lag: number) =>
    measureLag(
      [voice.subarray(AT, AT + LAG_WINDOW_SAMPLES)],
      [sfu.subarray(AT - lag + LAG_MIN_SAMPLES, AT - lag + LAG_MIN_SAMPLES + AROUND)],
    )

  it('finds how much later the other sound is, to the sample, and how loud', () => {
    const quieter = voice.map((sample) => sample / 3)
    for (const lag of [-4_000, 0, 1, 2_883, 24_007]) {
      const found = measure(quieter, lag)
      expect(found?.samples).toBe(lag)
      expect(found?.gain).toBeCloseTo(3, 3)
    }
  })

  it('finds nothing in another voice, in silence and of silence', () => {
    expect(measure(other, 0)).toBeNull()
    expect(measure(new Float32Array(voice.length), 0)).toBeNull()
    const silence = new Float32Array(LAG_WINDOW_SAMPLES)
    expect(measureLag([silence], [voice.subarray(0, AROUND)])).toBeNull()
  })
})
