import type { Window } from './room.ts'

/** What a bench is doing, on stderr: with --json, stdout is for the report. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** The share of a core that the load generator used; above this, what it saw late may have been its own lateness. */
const BUSY_SHARE = 0.9
/** The share of the SFU's core that others may take; a kernel's own work stays below. */
const DISTURBED_SHARE = 0.05

/** Whether other programs of this machine had a part in the figures. */
export function isDisturbed({ foreignMs, windowMs }: Window): boolean {
  return foreignMs / windowMs > DISTURBED_SHARE
}

/** Says so where something else than the SFU may have been the limit. */
export function warnOfLimits(window: Window): void {
  const percent = (ms: number) => Math.round((100 * ms) / window.windowMs)
  if (window.ownCpuMs / window.windowMs > BUSY_SHARE) {
    progress(`  the load generator was busy (${percent(window.ownCpuMs)} % of its core): a lower bound`)
  }
  if (isDisturbed(window)) {
    progress(`  other programs took ${percent(window.foreignMs)} % of the SFU's core: worse than it is`)
  }
}
