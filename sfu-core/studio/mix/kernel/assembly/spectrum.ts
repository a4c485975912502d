import {
  HALF,
  IN_IM_AT,
  IN_RE_AT,
  OUT_IM_AT,
  OUT_RE_AT,
  REAL_COS_AT,
  REAL_SIN_AT,
  SPECTRUM_IM_AT,
  SPECTRUM_RE_AT,
} from '../layout'

/** Between the transform of HALF complex points and the spectrum of twice as many real ones (Numerical Recipes §12.3). */

function reversed(value: v128): v128 {
  return i32x4.shuffle(value, value, 3, 2, 1, 0)
}

/** From OUT to the channel's spectrum. */
export function toSpectrum(channel: usize): void {
  const re = channel + (SPECTRUM_RE_AT as usize)
  const im = channel + (SPECTRUM_IM_AT as usize)
  const firstRe = load<f32>(OUT_RE_AT as usize)
  const firstIm = load<f32>(OUT_IM_AT as usize)
  const half = f32x4.splat(0.5)
  for (let k: usize = 4; k <= (HALF as usize) * 2; k += 16) {
    const mirrored: usize = (HALF as usize) * 4 - k - 12
    const ar = v128.load((OUT_RE_AT as usize) + k)
    const ai = v128.load((OUT_IM_AT as usize) + k)
    const br = reversed(v128.load((OUT_RE_AT as usize) + mirrored))
    const bi = reversed(v128.load((OUT_IM_AT as usize) + mirrored))
    const evenRe = f32x4.mul(half, f32x4.add(ar, br))
    const evenIm = f32x4.mul(half, f32x4.sub(ai, bi))
    const oddRe = f32x4.mul(half, f32x4.add(ai, bi))
    const oddIm = f32x4.mul(half, f32x4.sub(br, ar))
    const c = v128.load((REAL_COS_AT as usize) + k)
    const s = v128.load((REAL_SIN_AT as usize) + k)
    const turnedRe = f32x4.add(f32x4.mul(c, oddRe), f32x4.mul(s, oddIm))
    const turnedIm = f32x4.sub(f32x4.mul(c, oddIm), f32x4.mul(s, oddRe))
    v128.store(re + k, f32x4.add(evenRe, turnedRe))
    v128.store(im + k, f32x4.add(evenIm, turnedIm))
    v128.store(re + mirrored, reversed(f32x4.sub(evenRe, turnedRe)))
    v128.store(im + mirrored, reversed(f32x4.sub(turnedIm, evenIm)))
  }
  store<f32>(re, firstRe + firstIm)
  store<f32>(im, 0)
  store<f32>(re + (HALF as usize) * 4, firstRe - firstIm)
  store<f32>(im + (HALF as usize) * 4, 0)
}

/** From the channel's spectrum to IN, conjugated: the same transform then goes backwards. */
export function fromSpectrum(channel: usize): void {
  const re = channel + (SPECTRUM_RE_AT as usize)
  const im = channel + (SPECTRUM_IM_AT as usize)
  const half = f32x4.splat(0.5)
  for (let k: usize = 4; k <= (HALF as usize) * 2; k += 16) {
    const mirrored: usize = (HALF as usize) * 4 - k - 12
    const ar = v128.load(re + k)
    const ai = v128.load(im + k)
    const br = reversed(v128.load(re + mirrored))
    const bi = reversed(v128.load(im + mirrored))
    const evenRe = f32x4.mul(half, f32x4.add(ar, br))
    const evenIm = f32x4.mul(half, f32x4.sub(ai, bi))
    const turnedRe = f32x4.mul(half, f32x4.sub(ar, br))
    const turnedIm = f32x4.mul(half, f32x4.add(ai, bi))
    const c = v128.load((REAL_COS_AT as usize) + k)
    const s = v128.load((REAL_SIN_AT as usize) + k)
    const oddRe = f32x4.sub(f32x4.mul(c, turnedRe), f32x4.mul(s, turnedIm))
    const oddIm = f32x4.add(f32x4.mul(c, turnedIm), f32x4.mul(s, turnedRe))
    v128.store((IN_RE_AT as usize) + k, f32x4.sub(evenRe, oddIm))
    v128.store((IN_IM_AT as usize) + k, f32x4.neg(f32x4.add(evenIm, oddRe)))
    v128.store((IN_RE_AT as usize) + mirrored, reversed(f32x4.add(evenRe, oddIm)))
    v128.store((IN_IM_AT as usize) + mirrored, reversed(f32x4.sub(evenIm, oddRe)))
  }
  const first = load<f32>(re)
  const last = load<f32>(re + (HALF as usize) * 4)
  store<f32>(IN_RE_AT as usize, (first + last) * 0.5)
  store<f32>(IN_IM_AT as usize, (last - first) * 0.5)
}
