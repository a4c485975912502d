import { describe, expect, it } from 'vitest'
import { RtcpPacketConverter, type RtcpRrPacket, type RtcpSrPacket } from 'werift'
import { ReceptionStatistics } from './reception.ts'
import { findSenderReport, writeCompoundReport } from './rtcp.ts'

const WALL_CLOCK_MS = Date.UTC(2026, 0, 1, 12, 0, 0, 250)

describe('RTCP', () => {
  it('writes a compound report that werift reads', () => {
    const sender = { ssrc: 5, wallClockMs: WALL_CLOCK_MS, rtpTimestamp: 960, packetCount: 3, octetCount: 300 }
    const block = new ReceptionStatistics(9, 100).report(0)
    const compound = writeCompoundReport({
      reporterSsrc: 5,
      cname: 'engawa',
      senders: [sender, { ...sender, ssrc: 6 }],
      blocks: [block],
    })
    const packets = RtcpPacketConverter.deSerialize(compound)
    expect(packets.map(({ type }) => type)).toEqual([200, 200, 202])
    const first = packets[0] as RtcpSrPacket
    expect(first).toMatchObject({ ssrc: 5, senderInfo: { packetCount: 3, octetCount: 300, rtpTimestamp: 960 } })
    expect(first.senderInfo.ntpTimestamp >> 32n).toBe(BigInt(Math.floor(WALL_CLOCK_MS / 1000) + 2_208_988_800))
    expect(Number(first.senderInfo.ntpTimestamp & 0xffff_ffffn) / 2 ** 32).toBeCloseTo(0.25)
    expect(first.reports).toHaveLength(1)
    expect(findSenderReport(compound)).toEqual({
      ssrc: 5,
      compactNtp: Number((first.senderInfo.ntpTimestamp >> 16n) & 0xffff_ffffn),
    })
  })

  it('reports as a receiver where nothing was sent', () => {
    const compound = writeCompoundReport({ reporterSsrc: 5, cname: 'x', senders: [], blocks: [] })
    const [report] = RtcpPacketConverter.deSerialize(compound)
    expect(report as RtcpRrPacket).toMatchObject({ type: 201, ssrc: 5 })
    expect(findSenderReport(compound)).toBeNull()
  })

  it('finds nothing in what is cut short', () => {
    const sender = { ssrc: 5, wallClockMs: WALL_CLOCK_MS, rtpTimestamp: 1, packetCount: 1, octetCount: 1 }
    const compound = writeCompoundReport({ reporterSsrc: 5, cname: 'x', senders: [sender], blocks: [] })
    for (let length = 0; length < 28; length++) expect(findSenderReport(compound.subarray(0, length))).toBeNull()
  })
})

describe('ReceptionStatistics', () => {
  it('counts what is lost across the wrap, per interval and in all', () => {
    const statistics = new ReceptionStatistics(1, 65_530)
    for (let i = 0; i < 20; i++) if (i % 4 !== 3) statistics.onPacket((65_530 + i) & 0xffff, i * 960, i * 20)
    statistics.onPacket((65_530 + 19) & 0xffff, 19 * 960, 400)
    const report = statistics.report(400)
    expect(report).toMatchObject({ cumulativeLost: 4, extendedHighestSequence: 65_536 + 13 })
    expect(report.fractionLost).toBe(Math.floor((4 * 256) / 20))
    expect(statistics.report(400).fractionLost).toBe(0)
  })

  it('measures jitter in units of the RTP clock (RFC 3550 A.8)', () => {
    const even = new ReceptionStatistics(1, 0)
    const uneven = new ReceptionStatistics(1, 0)
    for (let i = 0; i < 500; i++) {
      even.onPacket(i, i * 960, i * 20)
      uneven.onPacket(i, i * 960, i * 20 + (i % 2) * 10)
    }
    expect(even.report(0).jitter).toBe(0)
    expect(uneven.report(0).jitter).toBeGreaterThan(440)
    expect(uneven.report(0).jitter).toBeLessThanOrEqual(480)
  })

  it('tells how long ago the last sender report came', () => {
    const statistics = new ReceptionStatistics(1, 0)
    statistics.onSenderReport({ ssrc: 1, compactNtp: 77 }, 1_000)
    expect(statistics.report(1_500)).toMatchObject({ lastSenderReport: 77, delaySinceLastSenderReport: 32_768 })
  })
})
