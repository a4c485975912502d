import type { Clock } from '../../clock.ts'

/** Seconds between 1900 and 1970 (RFC 868). */
const NTP_EPOCH_OFFSET_S = 2_208_988_800

/** A 64-bit NTP time (RFC 3550 §4). */
export interface NtpTime {
  /** Since 1900, 32 bits: wraps in 2036. */
  seconds: number
  /** In units of 2^-32 s. */
  fraction: number
}

export function ntpOf(wallClockMs: number): NtpTime {
  const wholeSeconds = Math.floor(wallClockMs / 1000)
  const fraction = Math.floor(((wallClockMs - wholeSeconds * 1000) / 1000) * 2 ** 32)
  return { seconds: (wholeSeconds + NTP_EPOCH_OFFSET_S) % 2 ** 32, fraction }
}

/** The middle 32 bits, in units of 1/65536 s: what LSR repeats (RFC 3550 §6.4.1). */
export function compactNtpOf(wallClockMs: number): number {
  const { seconds, fraction } = ntpOf(wallClockMs)
  return ((seconds % 65_536) * 65_536 + Math.floor(fraction / 65_536)) >>> 0
}

/**
 * The wall clock of sender reports: looked at once, advanced by the monotonic clock. A step of the system's clock (an
 * NTP correction, a person who sets it) must not reach a receiver, who would see all streams jump against their RTP
 * timestamps, nor a round trip, which is the difference of two readings. RFC 3550 §6.4.1 asks for one clock
 * shared by the streams of a sender, not for true time; a computer that slept is only behind afterwards.
 */
export class NtpClock {
  readonly #clock: Clock
  readonly #wallMinusMonotonicMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#wallMinusMonotonicMs = clock.nowMs() - clock.monotonicMs()
  }

  /** Ms since the Unix epoch, with fraction. */
  nowMs(): number {
    return this.at(this.#clock.monotonicMs())
  }

  /** The same for a reading of the monotonic clock. */
  at(monotonicMs: number): number {
    return this.#wallMinusMonotonicMs + monotonicMs
  }
}
