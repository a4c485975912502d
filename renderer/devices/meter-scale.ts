/** The quietest loudness that a meter shows. */
const FLOOR_DBFS = -60

/** A loudness (RMS, 0 to 1) as a meter's length, 0 to 1: even steps for even changes in dB, as ears hear. */
export function meterValue(level: number): number {
  if (level <= 0) return 0
  const dbfs = 20 * Math.log10(level)
  return Math.min(1, Math.max(0, 1 - dbfs / FLOOR_DBFS))
}
