import { expect, it } from 'vitest'
import { PEAK_SAMPLES, PeakMeter } from './peaks.ts'

it('has the quietest and the loudest of each 20 ms, in blocks of any length and over all channels', () => {
  const left = new Float32Array(PEAK_SAMPLES * 2 + 10)
  const right = new Float32Array(left.length)
  left[3] = 1
  right[900] = -0.5
  right[PEAK_SAMPLES] = 0.25
  left[PEAK_SAMPLES * 2] = -1
  const meter = new PeakMeter(left.length)
  for (let from = 0; from < left.length; from += 700) {
    meter.add([left.subarray(from, from + 700), right.subarray(from, from + 700)])
  }
  expect([...meter.finish()]).toEqual([-63, 127, 0, 32, -127, 0])
})
