import { compactNtpOf } from './ntp-clock.ts'
import type { ReportBlock } from './rtcp.ts'

/** Share of a new measurement. Reports come every 5 s: a change is told after three of them, an outlier does not stay. */
const NEW_SHARE = 0.25
/** More is not a path but a wrong or lying report: a reply to a report of minutes ago. */
const BELIEVED_MS = 30_000
/** The peer's rounding and clock may make a short path end before it began, by no more than this. */
const CLOCK_NOISE_MS = 10
const UNITS_PER_MS = 65.536

/** The time to a peer and back, as their receiver reports tell it (RFC 3550 §6.4.1). */
export class RoundTrip {
  #smoothedMs: number | null = null

  /** Null before the first report. */
  get ms(): number | null {
    return this.#smoothedMs
  }

  /** `wallClockMs`: when the report came, by the clock of our sender reports (NtpClock). */
  onReportBlock(block: ReportBlock, wallClockMs: number): void {
    // RFC 3550 §6.4.1: zero where no sender report has reached the peer yet.
    if (block.lastSenderReport === 0) return
    const units = (compactNtpOf(wallClockMs) - block.lastSenderReport - block.delaySinceLastSenderReport) | 0
    const roundTripMs = units / UNITS_PER_MS
    if (roundTripMs < -CLOCK_NOISE_MS || roundTripMs > BELIEVED_MS) return
    const measuredMs = Math.max(0, roundTripMs)
    this.#smoothedMs =
      this.#smoothedMs === null ? measuredMs : this.#smoothedMs + (measuredMs - this.#smoothedMs) * NEW_SHARE
  }
}
