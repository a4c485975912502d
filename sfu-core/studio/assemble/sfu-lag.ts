import type { SoundBlock } from '../av/sound-block.ts'
import { RealFft } from '../mix/fft.ts'

/**
 * How much later than on the tape a sound is in the SFU's track, by cross-correlation: the way from the microphone through
 * Opus and the network takes 20 to some hundred ms, and the SFU cannot know how long.
 */

/** Sound that is compared at once. */
export const LAG_WINDOW_SAMPLES = 2.5 * 48_000
/** How much earlier or later than the tape's the SFU's sound is looked for. */
export const LAG_MIN_SAMPLES = -0.2 * 48_000
export const LAG_MAX_SAMPLES = 0.8 * 48_000
/** The first search is at 6 kHz, where speech has its strength. */
const COARSE = 8
/** Below, it is another sound. Opus at 32 kbit/s gives above 0.9 for speech (sfu-lag.test.ts). */
const CORRELATION_MIN = 0.5
/** -60 dBFS: in quieter windows noise would be compared with noise. */
const RMS_MIN = 0.001
/** A louder or quieter SFU track than this is none of the same sound's. */
const GAIN_MAX = 4

export interface Lag {
  samples: number
  /** What the SFU's sound is to be multiplied with, to be as loud as the tape's. */
  gain: number
  correlation: number
}

/**
 * `tape`: LAG_WINDOW_SAMPLES. `sfu`: the same stretch, beginning LAG_MIN_SAMPLES earlier and ending LAG_MAX_SAMPLES
 * later. Null where nothing is alike.
 */
export function measureLag(tape: SoundBlock, sfu: SoundBlock): Lag | null {
  const [a, b] = [tape[0], sfu[0]]
  if (!a || !b || rms(a) < RMS_MIN) return null
  const coarse = bestShiftAnywhere(decimated(a), decimated(b))
  const near = coarse.shift * COARSE
  const range = { from: Math.max(0, near - COARSE), to: Math.min(b.length - a.length, near + COARSE) }
  const { shift, correlation } = bestShiftNear(a, b, range)
  if (correlation < CORRELATION_MIN) return null
  const level = rms(a) / rms(b.subarray(shift, shift + a.length))
  const gain = Math.max(1 / GAIN_MAX, Math.min(GAIN_MAX, level))
  return { samples: shift + LAG_MIN_SAMPLES, gain, correlation }
}

function rms(samples: Float32Array): number {
  let energy = 0
  for (const sample of samples) energy += sample * sample
  return Math.sqrt(energy / Math.max(1, samples.length))
}

/** Means of COARSE samples each. */
function decimated(samples: Float32Array): Float32Array {
  const means = new Float32Array(Math.floor(samples.length / COARSE))
  for (let i = 0, at = 0; i < means.length; i++) {
    let sum = 0
    for (let k = 0; k < COARSE; k++, at++) sum += samples[at] ?? 0
    means[i] = sum / COARSE
  }
  return means
}

interface Shift {
  shift: number
  correlation: number
}

/** Of COARSE windows: the longer one, and room behind it for the ring that a Fourier transform makes of it. */
const FFT_SIZE = 32_768

/** Where `a` is most like a stretch of `b`, anywhere in it. */
function bestShiftAnywhere(a: Float32Array, b: Float32Array): Shift {
  const products = crossCorrelation(a, b)
  return bestOf(a, b, { from: 0, to: b.length - a.length, productAt: (shift) => products[shift] ?? 0 })
}

/** By the product of one spectrum and the other's conjugate; valid where `a` lies within `b` as a whole. */
function crossCorrelation(a: Float32Array, b: Float32Array): Float64Array {
  const fft = new RealFft(FFT_SIZE)
  const signal = new Float64Array(FFT_SIZE)
  signal.set(a)
  fft.forward(signal)
  const [re, im] = [fft.re.slice(), fft.im.slice()]
  signal.fill(0)
  signal.set(b)
  fft.forward(signal)
  for (let k = 0; k < re.length; k++) {
    const [ar, ai, br, bi] = [re[k] ?? 0, im[k] ?? 0, fft.re[k] ?? 0, fft.im[k] ?? 0]
    fft.re[k] = ar * br + ai * bi
    fft.im[k] = ar * bi - ai * br
  }
  fft.inverse(signal)
  return signal
}

/** The same within a few samples. */
function bestShiftNear(a: Float32Array, b: Float32Array, range: { from: number; to: number }): Shift {
  const productAt = (shift: number) => {
    let product = 0
    for (let i = 0, j = shift; i < a.length; i++, j++) product += (a[i] ?? 0) * (b[j] ?? 0)
    return product
  }
  return bestOf(a, b, { ...range, productAt })
}

interface ShiftRange {
  from: number
  to: number
  productAt(shift: number): number
}

function bestOf(a: Float32Array, b: Float32Array, { from, to, productAt }: ShiftRange): Shift {
  let best: Shift = { shift: from, correlation: -1 }
  const energyA = energy(a, 0, a.length)
  let energyB = energy(b, from, from + a.length)
  for (let shift = from; shift <= to; shift++) {
    const scale = Math.sqrt(energyA * Math.max(energyB, 0))
    const correlation = scale > ENERGY_MIN ? productAt(shift) / scale : 0
    if (correlation > best.correlation) best = { shift, correlation }
    energyB += (b[shift + a.length] ?? 0) ** 2 - (b[shift] ?? 0) ** 2
  }
  return best
}

/** Nothing is like silence. */
const ENERGY_MIN = 1e-6

function energy(samples: Float32Array, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += (samples[i] ?? 0) ** 2
  return sum
}
