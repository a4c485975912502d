import { STUDIO_RATE_HZ } from '../av/sound-block.ts'

/** Of a second-order filter, as in the Audio EQ Cookbook (W3C note, R. Bristow-Johnson), with a0 = 1. */
export interface BiquadCoefficients {
  b0: number
  b1: number
  b2: number
  a1: number
  a2: number
}

/** One channel of a second-order filter, transposed direct form II. */
export class Biquad {
  readonly #coefficients: BiquadCoefficients
  #z1 = 0
  #z2 = 0

  constructor(coefficients: BiquadCoefficients) {
    this.#coefficients = coefficients
  }

  /** In place. */
  process(samples: Float32Array): void {
    const { b0, b1, b2, a1, a2 } = this.#coefficients
    let z1 = this.#z1
    let z2 = this.#z2
    for (let i = 0; i < samples.length; i++) {
      const x = samples[i] as number
      const y = b0 * x + z1
      z1 = b1 * x - a1 * y + z2
      z2 = b2 * x - a2 * y
      samples[i] = y
    }
    this.#z1 = z1
    this.#z2 = z2
  }

  reset(): void {
    this.#z1 = 0
    this.#z2 = 0
  }
}

/** Butterworth, 12 dB an octave (cookbook, HPF with Q = 1/√2). */
export function highPassAt(frequencyHz: number): BiquadCoefficients {
  const w = (2 * Math.PI * frequencyHz) / STUDIO_RATE_HZ
  const alpha = Math.sin(w) / Math.SQRT2
  const a0 = 1 + alpha
  const b = (1 + Math.cos(w)) / 2 / a0
  return { b0: b, b1: -2 * b, b2: b, a1: (-2 * Math.cos(w)) / a0, a2: (1 - alpha) / a0 }
}

/** Below every voice; rumble, pops and the mains' hum (50, 60 Hz) lie under it. */
const VOICE_HIGH_PASS_HZ = 80
export const VOICE_HIGH_PASS = highPassAt(VOICE_HIGH_PASS_HZ)

/** ITU-R BS.1770-5, annex 1, tables 1 and 2 (48 kHz): the head's shelf, and the weighting of low frequencies. */
export const K_SHELF: BiquadCoefficients = {
  b0: 1.53512485958697,
  b1: -2.69169618940638,
  b2: 1.19839281085285,
  a1: -1.69065929318241,
  a2: 0.73248077421585,
}
export const K_LOW_CUT: BiquadCoefficients = { b0: 1, b1: -2, b2: 1, a1: -1.99004745483398, a2: 0.99007225036621 }
