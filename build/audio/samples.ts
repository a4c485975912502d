import type { Pcm } from './pcm.ts'

/** Of a 16-bit sample that was rounded from what the 24-bit one was rounded from. */
const ROUNDING = 0.51
/** So many in a row are not alike by chance. */
const CERTAIN_COUNT = 400

/**
 * Where all of a sound (16 bit) lies in a tape (24 bit, mono), sample by sample; what is beyond the tape's ends does not count. Null: nowhere,
 * or a sample is missing, doubled or another.
 */
function placeOf(tape: Int32Array, sound: Pcm): number | null {
  const samples = Float32Array.from(sound.samples, (sample) => sample * 32_768)
  const middle = Math.floor(samples.length / 2)
  for (let at = 0; at + CERTAIN_COUNT <= tape.length; at++) {
    if (!isAlike(tape, samples, { at, from: middle, count: CERTAIN_COUNT })) continue
    const place = at - middle
    return isAlike(tape, samples, { at: place, from: 0, count: samples.length }) ? place : null
  }
  return null
}

const PIECE_SAMPLES = 24_000

/**
 * How large a share (0 to 1) of a sound's pieces of half a second lies in a tape, each sample by sample. For sound that the test captured
 * beside the tape: on a busy machine that capture leaves out some.
 */
export function shareOf(tape: Int32Array, { samples, sampleRateHz }: Pcm): number {
  const count = Math.floor(samples.length / PIECE_SAMPLES)
  let found = 0
  for (let i = 0; i < count; i++) {
    const piece = samples.subarray(i * PIECE_SAMPLES, (i + 1) * PIECE_SAMPLES)
    if (placeOf(tape, { samples: piece, sampleRateHz }) !== null) found += 1
  }
  return count === 0 ? 0 : found / count
}

function isAlike(
  tape: Int32Array,
  samples: Float32Array,
  { at, from, count }: { at: number; from: number; count: number },
): boolean {
  for (let i = 0; i < count; i++) {
    const ours = tape[at + i]
    if (ours !== undefined && Math.abs(ours / 256 - (samples[from + i] ?? 0)) > ROUNDING) return false
  }
  return true
}

const WINDOW_SAMPLES = 24_000
const COARSE_STRIDE = 16
/** In samples of 48 kHz. */
const FINE_STEPS = Array.from({ length: 81 }, (_, i) => (i - 40) / 20)

/**
 * How much a second of a tape (48 kHz, mono) is like the clip that a microphone plays in a loop, at the place where it is most like it,
 * found to a twentieth of a sample: Pearson's r for sounds without an offset.
 */
export function clipCorrelation(tape: Int32Array, clip: Pcm): number {
  const from = Math.floor(tape.length / 2)
  const ratio = 48_000 / clip.sampleRateHz
  const looped = Float32Array.from({ length: Math.floor(clip.samples.length * ratio) }, (_, i) =>
    sincAt(clip.samples, i / ratio),
  )
  let best = { place: 0, r: -1 }
  for (let place = 0; place < looped.length; place += 2) {
    const r = correlation(tape, from, { stride: COARSE_STRIDE, other: (i) => looped[(place + i) % looped.length] ?? 0 })
    if (r > best.r) best = { place, r }
  }
  const fine = FINE_STEPS.map((step) =>
    correlation(tape, from, { stride: 7, other: (i) => sincAt(clip.samples, (best.place + step + i) / ratio) }),
  )
  return Math.max(...fine)
}

function correlation(
  tape: Int32Array,
  from: number,
  { stride, other }: { stride: number; other(i: number): number },
): number {
  let ab = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < WINDOW_SAMPLES; i += stride) {
    const a = tape[from + i] ?? 0
    const b = other(i)
    ab += a * b
    aa += a * a
    bb += b * b
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb)
}

const HALF_WIDTH = 24

/** A looped sound between its samples (sinc with a Hann window). */
function sincAt(samples: Float32Array, at: number): number {
  const base = Math.floor(at)
  let sum = 0
  for (let k = base - HALF_WIDTH + 1; k <= base + HALF_WIDTH; k++) {
    const distance = at - k
    const sinc = distance === 0 ? 1 : Math.sin(Math.PI * distance) / (Math.PI * distance)
    const sample = samples[((k % samples.length) + samples.length) % samples.length] ?? 0
    sum += sample * sinc * 0.5 * (1 + Math.cos((Math.PI * distance) / HALF_WIDTH))
  }
  return sum
}
