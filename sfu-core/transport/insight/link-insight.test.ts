import { describe, expect, it } from 'vitest'
import { compactNtpOf } from '../rtp/ntp-clock.ts'
import { FanoutCounters } from './counters.ts'
import { LinkInsight } from './link-insight.ts'

const NOW_MS = Date.UTC(2026, 0, 1)

describe('LinkInsight', () => {
  it('dumps what the reports and the counters say, as data that survives JSON and later counting', () => {
    const insight = new LinkInsight([5, 6])
    const fresh = insight.dump({ id: 'a', state: 'connecting', up: null, dumpedAs: null })
    expect(fresh).toMatchObject({ roundTripMs: null, down: { jitterMs: null, lossFraction: 0, wantsRed: false } })

    insight.onReportBlock(
      {
        ssrc: 6,
        fractionLost: 64,
        cumulativeLost: 25,
        extendedHighestSequence: 1_100,
        jitter: 480,
        lastSenderReport: compactNtpOf(NOW_MS - 80),
        delaySinceLastSenderReport: 0,
      },
      NOW_MS,
    )
    insight.loss.onReportsEnd(0)
    insight.onNack(6, [1, 2, 3], 0)
    insight.counters.sealed += 100
    const up = { packets: 50, lost: 1, jitterMs: 2 }
    const dump = insight.dump({ id: 'a', state: 'connected', up, dumpedAs: '10.64.0.1' })
    expect(dump).toMatchObject({
      id: 'a',
      state: 'connected',
      up,
      down: { lossFraction: 0.25, packetsLost: 25, jitterMs: 10, wantsRed: true },
      counters: { sealed: 100, nacked: 3 },
    })
    expect(dump.roundTripMs).toBeCloseTo(80, 0)
    expect(JSON.parse(JSON.stringify(dump))).toEqual(dump)
    insight.counters.sealed += 1
    expect(dump.counters.sealed).toBe(100)
  })
})

describe('FanoutCounters', () => {
  it('counts per slot', () => {
    const counters = new FanoutCounters(3)
    for (const slot of [0, 0, 2]) counters.onPacket(slot)
    expect(counters).toMatchObject({ packets: 3, packetsPerSlot: [2, 0, 1] })
  })
})
