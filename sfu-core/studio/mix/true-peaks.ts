import { blockLength, createBlock, type SoundBlock } from '../av/sound-block.ts'

/** ITU-R BS.1770-5 annex 2 asks for four times the rate at least. */
const OVERSAMPLING = 4
const TAPS = 24
/** Kaiser window: 60 dB. */
const KAISER_BETA = 5.6

function besselI0(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; k < 30; k++) {
    term *= (x / 2 / k) ** 2
    sum += term
  }
  return sum
}

/** Interpolates at a quarter, a half and three quarters between the two middle taps. */
function makePhases(): Float64Array[] {
  const phases: Float64Array[] = []
  for (let phase = 1; phase < OVERSAMPLING; phase++) {
    const taps = Float64Array.from({ length: TAPS }, (_, tap) => {
      const distance = tap - (TAPS / 2 - 1) - phase / OVERSAMPLING
      const window =
        besselI0(KAISER_BETA * Math.sqrt(Math.max(0, 1 - (distance / (TAPS / 2)) ** 2))) / besselI0(KAISER_BETA)
      return (window * Math.sin(Math.PI * distance)) / (Math.PI * distance)
    })
    const sum = taps.reduce((a, b) => a + b, 0)
    phases.push(taps.map((tap) => tap / sum))
  }
  return phases
}

const PHASES = makePhases()
/** Between samples nothing can be larger than this times the largest sample near. */
const OVERSHOOT_MAX = Math.max(...PHASES.map((taps) => taps.reduce((sum, tap) => sum + Math.abs(tap), 0)))
/** Blocks are looked at in pieces: most have no sample near the ceiling. */
const PIECE_SAMPLES = 96

/** The largest value at and after each sample, between the samples too. */
export class TruePeaks {
  /** What is measured with a block lies so far behind it: the taps reach ahead. */
  static readonly DELAY_SAMPLES = TAPS / 2
  readonly #history: SoundBlock

  constructor(channels: number) {
    this.#history = createBlock(channels, TAPS - 1)
  }

  /**
   * Peaks over all channels for `blockLength(block)` places that end DELAY_SAMPLES before the block's end. Where none can be over `threshold`
   * they are told as 0; null where that is so everywhere.
   */
  measure(block: SoundBlock, threshold: number): Float32Array | null {
    const count = blockLength(block)
    let peaks: Float32Array | null = null
    for (const [channel, samples] of block.entries()) {
      const history = this.#history[channel] as Float32Array
      const whole = new Float32Array(history.length + count)
      whole.set(history)
      whole.set(samples, history.length)
      history.set(whole.subarray(count))
      for (let from = 0; from < count; from += PIECE_SAMPLES) {
        const to = Math.min(count, from + PIECE_SAMPLES)
        if (!canExceed(whole, from, to + TAPS - 1, threshold / OVERSHOOT_MAX)) continue
        peaks ??= new Float32Array(count)
        addPeaks(whole, peaks, from, to)
      }
    }
    return peaks
  }
}

function canExceed(whole: Float32Array, from: number, to: number, least: number): boolean {
  for (let i = from; i < to; i++) {
    const sample = whole[i] as number
    if (sample > least || sample < -least) return true
  }
  return false
}

function addPeaks(whole: Float32Array, peaks: Float32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    let peak = Math.max(peaks[i] as number, Math.abs(whole[i + TAPS / 2 - 1] as number))
    for (const taps of PHASES) {
      let sum = 0
      for (let tap = 0; tap < TAPS; tap++) sum += (whole[i + tap] as number) * (taps[tap] as number)
      if (sum > peak) peak = sum
      else if (-sum > peak) peak = -sum
    }
    peaks[i] = peak
  }
}
