import { describe, expect, it } from 'vitest'
import {
  GenericNack,
  RtcpPacketConverter,
  type RtcpRrPacket,
  type RtcpSrPacket,
  RtcpTransportLayerFeedback,
} from 'werift'
import { createRandom } from '../../test/random.ts'
import { ReceptionStatistics } from './reception.ts'
import { type ReportBlock, type RtcpVisitor, readRtcp, writeCompoundReport } from './rtcp.ts'

const WALL_CLOCK_MS = Date.UTC(2026, 0, 1, 12, 0, 0, 250)

/** What a compound packet says, in order; copies. */
function read(compound: Buffer) {
  const found: [string, ...unknown[]][] = []
  const visitor: RtcpVisitor = {
    onSenderReport: (report) => found.push(['sr', { ...report }]),
    onReportBlock: (block) => found.push(['block', { ...block }]),
    onNack: (ssrc, sequenceNumbers) => found.push(['nack', ssrc, ...sequenceNumbers]),
    onBye: (ssrc) => found.push(['bye', ssrc]),
  }
  return { packets: readRtcp(compound, visitor), found }
}

/** A NACK as werift writes it. */
function nackOf(lost: number[]): Buffer {
  const feedback = new GenericNack({ senderSsrc: 1, mediaSourceSsrc: 77, lost })
  return new RtcpTransportLayerFeedback({ feedback }).serialize()
}

/** Type and body in words of four bytes; `count` is the lower five bits of the first byte. */
function packetOf(type: number, count: number, words: number[]): Buffer {
  const bytes = Buffer.alloc(4 + words.length * 4)
  bytes[0] = 0x80 | count
  bytes[1] = type
  bytes.writeUInt16BE(words.length, 2)
  for (const [i, word] of words.entries()) bytes.writeUInt32BE(word >>> 0, 4 + i * 4)
  return bytes
}

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
    const compactNtp = Number((first.senderInfo.ntpTimestamp >> 16n) & 0xffff_ffffn)
    expect(read(compound).found[0]).toEqual(['sr', { ssrc: 5, compactNtp }])
  })

  it('reports as a receiver where nothing was sent', () => {
    const compound = writeCompoundReport({ reporterSsrc: 5, cname: 'x', senders: [], blocks: [] })
    const [report] = RtcpPacketConverter.deSerialize(compound)
    expect(report as RtcpRrPacket).toMatchObject({ type: 201, ssrc: 5 })
    expect(read(compound)).toEqual({ packets: 2, found: [] })
  })

  it('reads the blocks of sender and receiver reports as they were written', () => {
    const block = (ssrc: number, cumulativeLost: number): ReportBlock => ({
      ssrc,
      fractionLost: 255,
      cumulativeLost,
      extendedHighestSequence: 0xffff_fffe,
      jitter: 7,
      lastSenderReport: 0x8000_0001,
      delaySinceLastSenderReport: 65_536,
    })
    const blocks = [block(1, -1), block(2, 0x7f_ffff), block(0xffff_ffff, -0x80_0000)]
    const sender = { ssrc: 5, wallClockMs: WALL_CLOCK_MS, rtpTimestamp: 960, packetCount: 3, octetCount: 300 }
    const receiverReport = writeCompoundReport({ reporterSsrc: 5, cname: 'x', senders: [], blocks })
    expect(read(receiverReport).found).toEqual(blocks.map((expected) => ['block', expected]))
    const senderReport = writeCompoundReport({ reporterSsrc: 5, cname: 'x', senders: [sender], blocks })
    expect(read(senderReport).found.slice(1)).toEqual(blocks.map((expected) => ['block', expected]))
  })

  it('reads NACKs as werift writes them, also across the wrap', () => {
    const lost = [65_530, 65_535, 0, 10, 100, 101]
    const { packets, found } = read(nackOf(lost))
    expect(packets).toBe(1)
    expect(found.map(([type, ssrc]) => [type, ssrc])).toEqual([['nack', 77]])
    expect(new Set(found[0]?.slice(2))).toEqual(new Set(lost))
  })

  it('reads every bit of the BLP (RFC 4585 §6.2.1)', () => {
    const { found } = read(packetOf(205, 1, [1, 77, (100 << 16) | 0x8001]))
    expect(found).toEqual([['nack', 77, 100, 101, 116]])
  })

  it('bounds what one compound may ask for', () => {
    const flood = packetOf(205, 1, [1, 77, ...new Array(300).fill(0x0001_ffff)])
    expect(read(flood).found).toHaveLength(1)
    expect(read(flood).found[0]?.slice(2)).toHaveLength(256)
    expect(read(Buffer.concat(new Array(1_000).fill(packetOf(201, 0, [1])))).packets).toBe(32)
  })

  it('reads BYE with as many sources as are there, and passes over what it does not know', () => {
    const compound = Buffer.concat([
      packetOf(201, 0, [1]),
      packetOf(206, 1, [1, 77]),
      packetOf(205, 15, [1, 77, 0, 0]),
      packetOf(207, 0, [1, 0x0706_0008, 0]),
      packetOf(203, 3, [8, 9]),
    ])
    expect(read(compound)).toEqual({
      packets: 5,
      found: [
        ['bye', 8],
        ['bye', 9],
      ],
    })
  })

  it('gives the packets before the one that is cut short', () => {
    const sender = { ssrc: 5, wallClockMs: WALL_CLOCK_MS, rtpTimestamp: 1, packetCount: 1, octetCount: 1 }
    const compound = writeCompoundReport({ reporterSsrc: 5, cname: 'x', senders: [sender], blocks: [] })
    for (let length = 0; length < 28; length++) {
      expect(read(compound.subarray(0, length))).toEqual({ packets: 0, found: [] })
    }
    expect(read(compound.subarray(0, compound.length - 1))).toMatchObject({ packets: 1, found: [['sr', {}]] })
    // Blocks that are promised and not there; a sender report without sender info.
    expect(read(packetOf(201, 31, [1, 2, 3]))).toEqual({ packets: 1, found: [] })
    expect(read(packetOf(200, 1, [1, 2, 3]))).toEqual({ packets: 1, found: [] })
    expect(read(packetOf(205, 1, [1]))).toEqual({ packets: 1, found: [] })
  })

  it('never throws (20,000 seeded packets)', () => {
    const random = createRandom(3550)
    for (let i = 0; i < 20_000; i++) {
      const compound = Buffer.from(Array.from({ length: random.int(80) }, () => random.int(256)))
      if (compound.length >= 4) {
        compound[0] = 0x80 | random.int(32)
        compound[1] = 200 + random.int(8)
        compound.writeUInt16BE(random.int(20), 2)
      }
      for (const finding of read(compound).found) expect(finding.length).toBeLessThanOrEqual(2 + 256)
    }
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

  it('does not take for lost what it was told was passed over', () => {
    const statistics = new ReceptionStatistics(1, 0)
    for (let i = 0; i < 100; i++) {
      if (i % 10 === 0) statistics.onPacket(i, i * 960, i * 20)
      else if (i % 10 !== 5) statistics.onPassedOver()
    }
    const report = statistics.report(2_000)
    expect(report).toMatchObject({ extendedHighestSequence: 90, cumulativeLost: 91 - 90 })
    expect(statistics.figures()).toMatchObject({ packets: 90, lost: 1 })
  })

  it('tells no loss when more was passed over than could be expected', () => {
    const statistics = new ReceptionStatistics(1, 0)
    statistics.onPacket(0, 0, 0)
    for (let i = 0; i < 50; i++) statistics.onPassedOver()
    expect(statistics.report(0)).toMatchObject({ fractionLost: 0, cumulativeLost: -50 })
    expect(statistics.figures().lost).toBe(0)
  })
})
