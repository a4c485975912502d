import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../test/fake-clock.ts'
import { compactNtpOf, NtpClock, ntpOf } from './ntp-clock.ts'
import { RoundTrip } from './round-trip.ts'

function block(lastSenderReport: number, delayMs: number) {
  return {
    ssrc: 1,
    fractionLost: 0,
    cumulativeLost: 0,
    extendedHighestSequence: 0,
    jitter: 0,
    lastSenderReport,
    delaySinceLastSenderReport: Math.round(delayMs * 65.536),
  }
}

const SENT_MS = Date.UTC(2026, 5, 1, 12, 30, 59, 990)

describe('RoundTrip', () => {
  it('is now less LSR less DLSR (the example of RFC 3550 §6.4.1, figure 2)', () => {
    // [10 Nov 1995 11:33:36.5 UTC]: LSR b705:2000, DLSR 5.250 s, answer received at b710:8000; 6.125 s.
    const arrivedMs = Date.UTC(1995, 10, 10, 11, 33, 36, 500)
    expect(compactNtpOf(arrivedMs).toString(16)).toBe('b7108000')
    const roundTrip = new RoundTrip()
    roundTrip.onReportBlock(block(0xb705_2000, 5_250), arrivedMs)
    expect(roundTrip.ms).toBeCloseTo(6_125, 1)
  })

  it('goes on across the wrap of the compact time, which is every 18 hours', () => {
    const wrapMs = (Math.ceil((SENT_MS / 1000 + 2_208_988_800) / 65_536) * 65_536 - 2_208_988_800) * 1000
    const roundTrip = new RoundTrip()
    roundTrip.onReportBlock(block(compactNtpOf(wrapMs - 100), 60), wrapMs + 50)
    expect(roundTrip.ms).toBeCloseTo(90, 0)
  })

  it('smooths, starts at the first figure, and knows nothing before', () => {
    const roundTrip = new RoundTrip()
    expect(roundTrip.ms).toBeNull()
    roundTrip.onReportBlock(block(0, 0), SENT_MS)
    expect(roundTrip.ms).toBeNull()
    roundTrip.onReportBlock(block(compactNtpOf(SENT_MS), 0), SENT_MS + 100)
    roundTrip.onReportBlock(block(compactNtpOf(SENT_MS), 0), SENT_MS + 200)
    expect(roundTrip.ms).toBeCloseTo(125, 0)
  })

  it('takes a little less than nothing for nothing, and does not believe what cannot be', () => {
    const roundTrip = new RoundTrip()
    roundTrip.onReportBlock(block(compactNtpOf(SENT_MS), 105), SENT_MS + 100)
    expect(roundTrip.ms).toBe(0)
    roundTrip.onReportBlock(block(compactNtpOf(SENT_MS), 5_000), SENT_MS + 100)
    roundTrip.onReportBlock(block(compactNtpOf(SENT_MS), 0), SENT_MS + 60_000)
    roundTrip.onReportBlock(block(0x8000_0000, 0xffff_ffff / 65.536), SENT_MS)
    expect(roundTrip.ms).toBe(0)
  })
})

describe('NtpClock', () => {
  it('is right to a fraction of a millisecond (werift was wrong by up to a second)', () => {
    for (let i = 0; i < 1000; i++) {
      const wallMs = SENT_MS + i * 0.75
      const { seconds, fraction } = ntpOf(wallMs)
      const backMs = (seconds - 2_208_988_800) * 1000 + (fraction / 2 ** 32) * 1000
      expect(Math.abs(backMs - wallMs)).toBeLessThan(0.001)
    }
  })

  it('goes on evenly when the system clock is set', () => {
    const base = createFakeClock(SENT_MS)
    let stepMs = 0
    const clock = new NtpClock({ ...base, nowMs: () => base.nowMs() + stepMs })
    base.advance(1_000)
    stepMs = -3_600_000
    base.advance(20)
    expect(clock.nowMs()).toBe(SENT_MS + 1_020)
    expect(clock.at(base.monotonicMs() - 20)).toBe(SENT_MS + 1_000)
  })

  it('wraps with NTP era 1 in 2036', () => {
    expect(ntpOf(Date.UTC(2036, 1, 7, 6, 28, 16)).seconds).toBe(0)
  })
})
