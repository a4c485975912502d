import { createBlock, type SoundBlock } from '../av/sound-block.ts'

/**
 * Samples between samples: a windowed sinc, for a rate that differs by parts in a thousand at most. Own code rather than
 * libswresample, because each sample's place is told from outside, to a fraction and for hours, without the place ever
 * being rounded to a ratio. Measured (resample.test.ts): error below -100 dB up to 15 kHz, -90 dB at 18 kHz.
 */

/** On each side of a place. */
export const KERNEL_HALF_SAMPLES = 24
const TAPS = 2 * KERNEL_HALF_SAMPLES
/** Rows of the table per sample; between two rows it is interpolated: the error is of the order of 1 / (8 · rows²). */
const ROWS = 1024
/** Kaiser's window: side lobes below -90 dB. */
const KAISER_BETA = 9.5

const kernel = makeKernel()

/** Row r holds the weights of the taps for a place r / ROWS behind the tap in the middle. */
function makeKernel(): Float64Array {
  const table = new Float64Array((ROWS + 1) * TAPS)
  for (let row = 0; row <= ROWS; row++) {
    const weights = Array.from({ length: TAPS }, (_, tap) => weightAt(tap - (KERNEL_HALF_SAMPLES - 1) - row / ROWS))
    // Constant sound stays what it is at any place.
    const sum = weights.reduce((total, weight) => total + weight, 0)
    table.set(
      weights.map((weight) => weight / sum),
      row * TAPS,
    )
  }
  return table
}

function weightAt(distance: number): number {
  const inWindow = 1 - (distance / KERNEL_HALF_SAMPLES) ** 2
  if (inWindow <= 0) return 0
  const sinc = distance === 0 ? 1 : Math.sin(Math.PI * distance) / (Math.PI * distance)
  return (sinc * bessel(KAISER_BETA * Math.sqrt(inWindow))) / bessel(KAISER_BETA)
}

/** I0, the modified Bessel function of order zero, by its series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1]
  for (let k = 1; term > sum * 1e-16; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

export interface Places {
  /** Of the first sample to make, counted in samples of `input`. At least KERNEL_HALF_SAMPLES lie before it, and behind the last. */
  first: number
  /** From one to the next. */
  step: number
  count: number
}

/** The sound of `input` at evenly spaced places. */
export function resample(input: SoundBlock, places: Places): SoundBlock {
  const output = createBlock(input.length, places.count)
  for (const [channel, samples] of input.entries()) resampleChannel(samples, output[channel] ?? samples, places)
  return output
}

/** Two taps at a time and four sums: nearly twice as quick in V8 as one after the other. */
function resampleChannel(input: Float32Array, output: Float32Array, { first, step }: Places): void {
  const table = kernel
  for (let i = 0; i < output.length; i++) {
    const place = first + i * step
    const whole = Math.floor(place)
    const inTable = (place - whole) * ROWS
    const row = Math.floor(inTable)
    let lowEven = 0
    let lowOdd = 0
    let highEven = 0
    let highOdd = 0
    const start = whole - (KERNEL_HALF_SAMPLES - 1)
    for (let at = start, low = row * TAPS; at < start + TAPS; at += 2, low += 2) {
      const even = input[at] as number
      const odd = input[at + 1] as number
      lowEven += even * (table[low] as number)
      lowOdd += odd * (table[low + 1] as number)
      highEven += even * (table[low + TAPS] as number)
      highOdd += odd * (table[low + TAPS + 1] as number)
    }
    const low = lowEven + lowOdd
    output[i] = low + (highEven + highOdd - low) * (inTable - row)
  }
}
