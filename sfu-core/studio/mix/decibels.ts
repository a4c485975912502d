/** Amplitude ratio of a gain. */
export function fromDb(db: number): number {
  return 10 ** (db / 20)
}

/** Of an amplitude ratio; -Infinity for 0. */
export function toDb(ratio: number): number {
  return 20 * Math.log10(ratio)
}

/** Of a mean square; -Infinity for 0. */
export function powerToDb(power: number): number {
  return 10 * Math.log10(power)
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
