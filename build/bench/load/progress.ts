/** What a bench is doing, on stderr: with --json, stdout is for the report. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** The share of a core that the load generator used; above this, what it saw late may have been its own lateness. */
const BUSY = 0.9

/** Says so where the load generator, not the SFU, may have been the limit. */
export function warnIfBusy({ ownCpuMs, windowMs }: { ownCpuMs: number; windowMs: number }): void {
  const share = ownCpuMs / windowMs
  if (share > BUSY) progress(`  the load generator was busy (${Math.round(share * 100)} % of its core): a lower bound`)
}
