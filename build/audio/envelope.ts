import type { Pcm } from './pcm.ts'

/** How alike two sounds are by their loudness over time, and how far they are apart. */
export interface Match {
  /** Pearson's r, -1 to 1. */
  correlation: number
  /** See the function that answers with it. */
  offsetMs: number
}

/**
 * Loudness over time: the square root of the RMS of each step, which gives soft syllables their weight
 * and makes automatic gain control matter less.
 */
export function envelope(pcm: Pcm, stepMs: number): Float32Array {
  const perStep = (pcm.sampleRateHz * stepMs) / 1_000
  const steps = new Float32Array(Math.floor(pcm.samples.length / perStep))
  for (let step = 0; step < steps.length; step++) {
    const from = Math.round(step * perStep)
    const to = Math.round((step + 1) * perStep)
    let energy = 0
    for (let i = from; i < to; i++) energy += (pcm.samples[i] ?? 0) ** 2
    steps[step] = (energy / (to - from)) ** 0.25
  }
  return steps
}

/** Pearson's r of `a` and `length` values of `b` from `bFrom` on, `b` taken as a ring. 0 where either is constant. */
function correlationInRing(a: Float32Array, b: Float32Array, bFrom: number): number {
  let sumA = 0
  let sumB = 0
  let sumAA = 0
  let sumBB = 0
  let sumAB = 0
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0
    const y = b[(bFrom + i) % b.length] ?? 0
    sumA += x
    sumB += y
    sumAA += x * x
    sumBB += y * y
    sumAB += x * y
  }
  const varianceA = sumAA - (sumA * sumA) / a.length
  const varianceB = sumBB - (sumB * sumB) / a.length
  if (varianceA <= 1e-9 || varianceB <= 1e-9) return 0
  return (sumAB - (sumA * sumB) / a.length) / Math.sqrt(varianceA * varianceB)
}

/** Loops are compared in steps of this length. */
const LOOP_STEP_MS = 10
/**
 * A jitter buffer plays faster or slower until it has found its length (Chromium on a busy machine: 100 ms
 * in the first seconds, by getStats' removedSamplesForAcceleration). So each window of this length may lie
 * so much beside the place where the whole lies best.
 */
const WINDOW_STEPS = 200
const WINDOW_SHIFT_STEPS = 25

interface Place {
  from: number
  correlation: number
}

function bestPlace(heard: Float32Array, ring: Float32Array, froms: Iterable<number>): Place {
  let best: Place = { from: 0, correlation: -1 }
  for (const from of froms) {
    const correlation = correlationInRing(heard, ring, from)
    if (correlation > best.correlation) best = { from, correlation }
  }
  return best
}

function* around(centre: number, ring: Float32Array): Generator<number> {
  for (let shift = -WINDOW_SHIFT_STEPS; shift <= WINDOW_SHIFT_STEPS; shift++)
    yield (centre + shift + ring.length) % ring.length
}

/**
 * Finds the place in a looped clip from which `heard` was taken. `offsetMs` is that place, from the
 * clip's start. Chromium's fake microphone plays its file in a loop, so the place is not known before.
 * The correlation is that of all windows together, each at its own best place near the common one.
 */
export function matchInLoop(heard: Pcm, clip: Pcm): Match {
  const heardSteps = envelope(heard, LOOP_STEP_MS)
  const clipSteps = envelope(clip, LOOP_STEP_MS)
  const whole = bestPlace(heardSteps, clipSteps, clipSteps.keys())
  const placed = new Float32Array(heardSteps.length)
  for (let at = 0; at < heardSteps.length; at += WINDOW_STEPS) {
    const window = heardSteps.subarray(at, at + WINDOW_STEPS)
    const { from } = bestPlace(window, clipSteps, around((whole.from + at) % clipSteps.length, clipSteps))
    for (let i = 0; i < window.length; i++) placed[at + i] = clipSteps[(from + i) % clipSteps.length] ?? 0
  }
  return { correlation: correlationInRing(heardSteps, placed, 0), offsetMs: whole.from * LOOP_STEP_MS }
}

/** Delays are measured in steps of this length. */
const DELAY_STEP_MS = 1

/**
 * How much later `late` has the sound of `early`; both start at the same moment. Looks from `minMs` to
 * `maxMs`. `offsetMs` is the delay (negative: `late` is in fact the earlier one).
 */
export function measureDelay(early: Pcm, late: Pcm, range: { minMs: number; maxMs: number }): Match {
  const earlySteps = envelope(early, DELAY_STEP_MS)
  const lateSteps = envelope(late, DELAY_STEP_MS)
  let best: Match = { correlation: -1, offsetMs: 0 }
  for (let lag = range.minMs; lag <= range.maxMs; lag += DELAY_STEP_MS) {
    const earlyFrom = Math.max(0, -lag)
    const lateFrom = Math.max(0, lag)
    const length = Math.min(earlySteps.length - earlyFrom, lateSteps.length - lateFrom)
    if (length < 1_000) continue
    const a = earlySteps.subarray(earlyFrom, earlyFrom + length)
    const b = lateSteps.subarray(lateFrom, lateFrom + length)
    const correlation = correlationInRing(a, b, 0)
    if (correlation > best.correlation) best = { correlation, offsetMs: lag }
  }
  return best
}

/** Loudness of the whole in dBFS; -Infinity for nothing at all. */
export function loudnessDbfs(pcm: Pcm): number {
  let energy = 0
  for (const sample of pcm.samples) energy += sample * sample
  return 10 * Math.log10(energy / Math.max(1, pcm.samples.length))
}

/** The stretch from `fromMs` to `toMs`, cut to what there is. */
export function cut(pcm: Pcm, fromMs: number, toMs: number): Pcm {
  const at = (ms: number) => Math.round((ms * pcm.sampleRateHz) / 1_000)
  return {
    sampleRateHz: pcm.sampleRateHz,
    samples: pcm.samples.subarray(Math.max(0, at(fromMs)), Math.max(0, at(toMs))),
  }
}
