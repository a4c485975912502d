/** The denoiser's arithmetic; what it does is told in denoiser.ts, what the exports take in ../load-kernel.ts. */
import {
  BINS_BYTES,
  CHANNEL_BYTES,
  CHANNELS_AT,
  GAIN_AT,
  HALF,
  IN_IM_AT,
  IN_RE_AT,
  INVERSE_NOISE_AT,
  LAST_AT,
  NEXT_AT,
  OUT_IM_AT,
  OUT_RE_AT,
  OVERLAP_AT,
  POWER_AT,
  RESULT_AT,
  SPECTRUM_IM_AT,
  SPECTRUM_RE_AT,
  SPEECH_AT,
  WINDOW_AT,
} from '../layout'
import { fromSpectrum, toSpectrum } from './spectrum'
import { transform } from './transform'

const HOP_BYTES: usize = HALF * 4

export function reduce(channels: i32, smoothing: f32, least: f32): void {
  memory.fill(POWER_AT as usize, 0, BINS_BYTES as usize)
  for (let i = 0; i < channels; i++) {
    const channel = channelAt(i)
    fillHalf(channel + (LAST_AT as usize), 0)
    fillHalf(channel + (NEXT_AT as usize), HOP_BYTES)
    transform()
    toSpectrum(channel)
    addPower(channel)
  }
  findGains(smoothing, least)
  for (let i = 0; i < channels; i++) {
    const channel = channelAt(i)
    applyGains(channel)
    fromSpectrum(channel)
    transform()
    emit(channel)
  }
}

export function pass(channels: i32): void {
  for (let i = 0; i < channels; i++) {
    const channel = channelAt(i)
    for (let at: usize = 0; at < HOP_BYTES; at += 16) {
      const early = v128.load((WINDOW_AT as usize) + at)
      const late = v128.load((WINDOW_AT as usize) + HOP_BYTES + at)
      const last = v128.load(channel + (LAST_AT as usize) + at)
      const next = v128.load(channel + (NEXT_AT as usize) + at)
      addOverlap(channel, at, f32x4.mul(last, f32x4.mul(early, early)), f32x4.mul(next, f32x4.mul(late, late)))
    }
  }
}

function channelAt(index: i32): usize {
  return (CHANNELS_AT as usize) + (index as usize) * (CHANNEL_BYTES as usize)
}

/** Windows a hop; even samples become real parts, odd ones imaginary. `offset`: of the hop in the frame, in bytes. */
function fillHalf(hop: usize, offset: usize): void {
  const to = offset / 2
  for (let at: usize = 0; at < HOP_BYTES; at += 32) {
    const window = (WINDOW_AT as usize) + offset + at
    const a = f32x4.mul(v128.load(hop + at), v128.load(window))
    const b = f32x4.mul(v128.load(hop + at + 16), v128.load(window + 16))
    v128.store((IN_RE_AT as usize) + to + at / 2, i32x4.shuffle(a, b, 0, 2, 4, 6))
    v128.store((IN_IM_AT as usize) + to + at / 2, i32x4.shuffle(a, b, 1, 3, 5, 7))
  }
}

function addPower(channel: usize): void {
  for (let at: usize = 0; at < (BINS_BYTES as usize); at += 16) {
    const re = v128.load(channel + (SPECTRUM_RE_AT as usize) + at)
    const im = v128.load(channel + (SPECTRUM_IM_AT as usize) + at)
    const power = f32x4.add(f32x4.mul(re, re), f32x4.mul(im, im))
    v128.store((POWER_AT as usize) + at, f32x4.add(v128.load((POWER_AT as usize) + at), power))
  }
}

/** Bound of what is kept of a frame: silence in a profile must not make an infinity that stays. */
const RATIO_MAX: f32 = 1e12

function findGains(smoothing: f32, least: f32): void {
  const keep = f32x4.splat(smoothing)
  const take = f32x4.splat(1 - smoothing)
  const one = f32x4.splat(1)
  const zero = f32x4.splat(0)
  const floor = f32x4.splat(least)
  const most = f32x4.splat(RATIO_MAX)
  for (let at: usize = 0; at < (BINS_BYTES as usize); at += 16) {
    const power = v128.load((POWER_AT as usize) + at)
    const posterior = f32x4.min(most, f32x4.mul(power, v128.load((INVERSE_NOISE_AT as usize) + at)))
    const speech = v128.load((SPEECH_AT as usize) + at)
    const fresh = f32x4.max(zero, f32x4.sub(posterior, one))
    const prior = f32x4.add(f32x4.mul(keep, speech), f32x4.mul(take, fresh))
    const gain = f32x4.max(floor, f32x4.div(prior, f32x4.add(one, prior)))
    v128.store((GAIN_AT as usize) + at, gain)
    v128.store((SPEECH_AT as usize) + at, f32x4.mul(f32x4.mul(gain, gain), posterior))
  }
}

function applyGains(channel: usize): void {
  for (let at: usize = 0; at < (BINS_BYTES as usize); at += 16) {
    const gain = v128.load((GAIN_AT as usize) + at)
    const re = channel + (SPECTRUM_RE_AT as usize) + at
    const im = channel + (SPECTRUM_IM_AT as usize) + at
    v128.store(re, f32x4.mul(v128.load(re), gain))
    v128.store(im, f32x4.mul(v128.load(im), gain))
  }
}

/** The transformed frame, windowed again, to what comes out and to what overlaps with the next. */
function emit(channel: usize): void {
  const scale = f32x4.splat(1.0 / (HALF as f32))
  for (let at: usize = 0; at < HOP_BYTES; at += 16) {
    const last = f32x4.mul(samplesAt(at), scale)
    const next = f32x4.mul(samplesAt(HOP_BYTES + at), scale)
    const early = v128.load((WINDOW_AT as usize) + at)
    const late = v128.load((WINDOW_AT as usize) + HOP_BYTES + at)
    addOverlap(channel, at, f32x4.mul(last, early), f32x4.mul(next, late))
  }
}

/** Four samples of the frame: real and imaginary parts by turns, the latter conjugated back. `at`: in bytes of the frame. */
function samplesAt(at: usize): v128 {
  const re = v128.load64_zero((OUT_RE_AT as usize) + at / 2)
  const im = f32x4.neg(v128.load64_zero((OUT_IM_AT as usize) + at / 2))
  return i32x4.shuffle(re, im, 0, 4, 1, 5)
}

/** Four samples: `last` goes out with what the last frame left, `next` is left for the next. */
function addOverlap(channel: usize, at: usize, last: v128, next: v128): void {
  const overlap = channel + (OVERLAP_AT as usize) + at
  v128.store(channel + (RESULT_AT as usize) + at, f32x4.add(v128.load(overlap), last))
  v128.store(overlap, next)
  v128.store(channel + (LAST_AT as usize) + at, v128.load(channel + (NEXT_AT as usize) + at))
}
