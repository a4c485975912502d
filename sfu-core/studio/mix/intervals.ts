/** Runs of equal frames in a mask of 0 and 1, and what is done to them. All in frames; `to` is the first after. */

export interface Interval {
  from: number
  to: number
}

/** The runs of 1. */
export function intervalsOf(mask: Uint8Array): Interval[] {
  const found: Interval[] = []
  let from = -1
  for (let i = 0; i <= mask.length; i++) {
    const isSet = mask[i] === 1
    if (isSet && from < 0) from = i
    if (!isSet && from >= 0) {
      found.push({ from, to: i })
      from = -1
    }
  }
  return found
}

export function maskOf(intervals: readonly Interval[], length: number): Uint8Array {
  const mask = new Uint8Array(length)
  for (const { from, to } of intervals) mask.fill(1, Math.max(0, from), Math.max(0, to))
  return mask
}

/** Those that are nearer to each other than `gap` become one. In order, as given. */
export function joined(intervals: readonly Interval[], gap: number): Interval[] {
  const result: Interval[] = []
  for (const interval of intervals) {
    const last = result.at(-1)
    if (last && interval.from - last.to < gap) last.to = Math.max(last.to, interval.to)
    else result.push({ ...interval })
  }
  return result
}
