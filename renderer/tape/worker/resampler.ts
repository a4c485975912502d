import { TAPE_SAMPLE_RATE_HZ } from '../../../sfu-core/contract/tape.ts'

/** Zero crossings of the sinc on each side. With the window below, what is over half the rate is down by more than 110 dB. */
const ZERO_CROSSINGS = 48
/** Of the Kaiser window (Oppenheim & Schafer, Discrete-Time Signal Processing, 7.5.3): β = 0.1102 (A - 8.7) for A = 120 dB. */
const KAISER_BETA = 12.26
/** The flat part of the spectrum ends here, relative to half the lower rate: 20.9 kHz of 22.05. */
const PASS = 0.95

/**
 * One channel of any rate to 48 kHz: a polyphase filter (windowed sinc), the same for all time, so that the count of samples is
 * exact: output sample n lies at n / 48000 s of the input. For microphones that the browser hands over at their own rate.
 */
export class Resampler {
  readonly #up: number
  readonly #down: number
  readonly #half: number
  /** For each phase the weights of 2 × half input samples. */
  readonly #phases: Float32Array[]
  #input: Float32Array
  #filled: number
  /** Of the next output sample, in input samples within #input, and in `up`ths of one. */
  #at: number
  #phase = 0
  #output = new Float32Array(0)

  constructor(rateHz: number) {
    const divisor = greatestCommonDivisor(rateHz, TAPE_SAMPLE_RATE_HZ)
    this.#up = TAPE_SAMPLE_RATE_HZ / divisor
    this.#down = rateHz / divisor
    const cutoff = PASS * Math.min(1, this.#up / this.#down)
    this.#half = Math.ceil(ZERO_CROSSINGS / cutoff)
    this.#phases = Array.from({ length: this.#up }, (_, phase) => weights(phase / this.#up, this.#half, cutoff))
    // As if silence had been before the first sample.
    this.#input = new Float32Array(this.#half * 4)
    this.#filled = this.#half
    this.#at = this.#half
  }

  /** What can be said by now; the last `half` input samples wait for what follows them. The answer is good until the next call. */
  take(samples: Float32Array): Float32Array {
    this.#append(samples)
    const most = Math.ceil((samples.length * this.#up) / this.#down) + 1
    if (this.#output.length < most) this.#output = new Float32Array(most)
    let count = 0
    while (this.#at + this.#half < this.#filled) {
      this.#output[count] = this.#sample()
      count += 1
      this.#phase += this.#down
      this.#at += Math.floor(this.#phase / this.#up)
      this.#phase %= this.#up
    }
    return this.#output.subarray(0, count)
  }

  #append(samples: Float32Array): void {
    const keepFrom = Math.max(0, this.#at - this.#half)
    this.#input.copyWithin(0, keepFrom, this.#filled)
    this.#filled -= keepFrom
    this.#at -= keepFrom
    if (this.#filled + samples.length > this.#input.length) {
      const larger = new Float32Array((this.#filled + samples.length) * 2)
      larger.set(this.#input.subarray(0, this.#filled))
      this.#input = larger
    }
    this.#input.set(samples, this.#filled)
    this.#filled += samples.length
  }

  #sample(): number {
    const phase = this.#phases[this.#phase]
    if (phase === undefined) return 0
    const from = this.#at - this.#half + 1
    let sum = 0
    for (let tap = 0; tap < phase.length; tap += 1) sum += (phase[tap] ?? 0) * (this.#input[from + tap] ?? 0)
    return sum
  }
}

/** Weights of the input samples at -half + 1 ... half around an output sample that lies `fraction` after the one at 0. */
function weights(fraction: number, half: number, cutoff: number): Float32Array {
  const taps = new Float64Array(2 * half)
  let sum = 0
  for (let tap = 0; tap < taps.length; tap += 1) {
    const distance = tap - half + 1 - fraction
    const weight = cutoff * sinc(distance * cutoff) * kaiser(distance / half)
    taps[tap] = weight
    sum += weight
  }
  // Each phase weighs the same: else a constant would ripple.
  return Float32Array.from(taps, (weight) => weight / sum)
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
}

/** The Kaiser window at x of -1 ... 1. */
function kaiser(x: number): number {
  return Math.abs(x) > 1 ? 0 : bessel0(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel0(KAISER_BETA)
}

/** The modified Bessel function of the first kind, order 0, by its series. */
function bessel0(x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; term > sum * 1e-17; k += 1) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
