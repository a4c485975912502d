import { describe, expect, it } from 'vitest'
import { RealFft } from './fft.ts'

function noise(size: number): Float64Array {
  let state = 12_345
  return Float64Array.from({ length: size }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 1_073_741_824 - 1
  })
}

describe.each([16, 64, 1_024])('RealFft of %i', (size) => {
  it('is the discrete Fourier transform', () => {
    const fft = new RealFft(size)
    const signal = noise(size)
    fft.forward(signal)
    for (let k = 0; k <= size / 2; k += Math.max(1, size / 64)) {
      let re = 0
      let im = 0
      for (const [i, value] of signal.entries()) {
        re += value * Math.cos((2 * Math.PI * k * i) / size)
        im -= value * Math.sin((2 * Math.PI * k * i) / size)
      }
      expect(fft.re[k]).toBeCloseTo(re, 8)
      expect(fft.im[k]).toBeCloseTo(im, 8)
    }
  })

  it('gives the signal back', () => {
    const fft = new RealFft(size)
    const signal = noise(size)
    const back = new Float64Array(size)
    fft.forward(signal)
    fft.inverse(back)
    for (const [i, value] of signal.entries()) expect(back[i]).toBeCloseTo(value, 10)
  })
})
