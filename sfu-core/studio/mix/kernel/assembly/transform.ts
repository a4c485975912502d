import { GROUPS_AT, HALF, IN_IM_AT, IN_RE_AT, OUT_IM_AT, OUT_RE_AT, STAGE_COS_AT, STAGE_SIN_AT } from '../layout'

/** Complex Fourier transform of HALF points, decimation in time, radix 2, four at a time: from IN to OUT, both in natural order. */
export function transform(): void {
  firstStages()
  let table: usize = 0
  for (let size = 8; size <= HALF; size *= 2) {
    stage(size, table)
    table += (size as usize) * 2
  }
}

/** Rows become columns, stored at four places 16 bytes long. */
function storeTransposed(to: usize, groups: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const low01 = i32x4.shuffle(r0, r1, 0, 4, 1, 5)
  const high01 = i32x4.shuffle(r0, r1, 2, 6, 3, 7)
  const low23 = i32x4.shuffle(r2, r3, 0, 4, 1, 5)
  const high23 = i32x4.shuffle(r2, r3, 2, 6, 3, 7)
  v128.store(to + load<u32>(groups), i32x4.shuffle(low01, low23, 0, 1, 4, 5))
  v128.store(to + load<u32>(groups + 4), i32x4.shuffle(low01, low23, 2, 3, 6, 7))
  v128.store(to + load<u32>(groups + 8), i32x4.shuffle(high01, high23, 0, 1, 4, 5))
  v128.store(to + load<u32>(groups + 12), i32x4.shuffle(high01, high23, 2, 3, 6, 7))
}

/** Two and four points: no multiplications. Bit-reversed order makes neighbours of points that lie HALF / 4 apart. */
function firstStages(): void {
  const quarter: usize = HALF
  for (let at: usize = 0; at < quarter; at += 16) {
    const re = (IN_RE_AT as usize) + at
    const im = (IN_IM_AT as usize) + at
    const r0 = v128.load(re)
    const r1 = v128.load(re + quarter)
    const r2 = v128.load(re + 2 * quarter)
    const r3 = v128.load(re + 3 * quarter)
    const i0 = v128.load(im)
    const i1 = v128.load(im + quarter)
    const i2 = v128.load(im + 2 * quarter)
    const i3 = v128.load(im + 3 * quarter)
    const sr = f32x4.add(r0, r2)
    const si = f32x4.add(i0, i2)
    const dr = f32x4.sub(r0, r2)
    const di = f32x4.sub(i0, i2)
    const tr = f32x4.add(r1, r3)
    const ti = f32x4.add(i1, i3)
    const ur = f32x4.sub(r1, r3)
    const ui = f32x4.sub(i1, i3)
    const groups = (GROUPS_AT as usize) + at
    storeTransposed(
      OUT_RE_AT as usize,
      groups,
      f32x4.add(sr, tr),
      f32x4.add(dr, ui),
      f32x4.sub(sr, tr),
      f32x4.sub(dr, ui),
    )
    storeTransposed(
      OUT_IM_AT as usize,
      groups,
      f32x4.add(si, ti),
      f32x4.sub(di, ur),
      f32x4.sub(si, ti),
      f32x4.add(di, ur),
    )
  }
}

function stage(size: i32, table: usize): void {
  const reach: usize = (size as usize) * 2
  const cos: usize = (STAGE_COS_AT as usize) + table
  const sin: usize = (STAGE_SIN_AT as usize) + table
  for (let start: usize = 0; start < (HALF as usize) * 4; start += reach * 2) {
    for (let k: usize = 0; k < reach; k += 16) {
      const re = (OUT_RE_AT as usize) + start + k
      const im = (OUT_IM_AT as usize) + start + k
      const c = v128.load(cos + k)
      const s = v128.load(sin + k)
      const xr = v128.load(re + reach)
      const xi = v128.load(im + reach)
      const yr = v128.load(re)
      const yi = v128.load(im)
      const tr = f32x4.add(f32x4.mul(xr, c), f32x4.mul(xi, s))
      const ti = f32x4.sub(f32x4.mul(xi, c), f32x4.mul(xr, s))
      v128.store(re, f32x4.add(yr, tr))
      v128.store(im, f32x4.add(yi, ti))
      v128.store(re + reach, f32x4.sub(yr, tr))
      v128.store(im + reach, f32x4.sub(yi, ti))
    }
  }
}
