/** RTCP (RFC 3550 §6) as far as an audio SFU needs it: SR and RR with SDES out, SR and RR in. */

const TYPE = { senderReport: 200, receiverReport: 201, sourceDescription: 202, bye: 203 } as const
/** Seconds between 1900 and 1970 (RFC 868). */
const NTP_EPOCH_OFFSET_S = 2_208_988_800
/** Report blocks that a packet can hold (5-bit count). */
const MAX_REPORT_BLOCKS = 31

export interface SenderReport {
  ssrc: number
  wallClockMs: number
  rtpTimestamp: number
  packetCount: number
  octetCount: number
}

export interface ReportBlock {
  ssrc: number
  /** Share of packets lost since the last report, in 256ths. */
  fractionLost: number
  cumulativeLost: number
  extendedHighestSequence: number
  /** In units of the RTP clock. */
  jitter: number
  /** Middle 32 bits of the NTP time of the last SR; 0 without one. */
  lastSenderReport: number
  /** In units of 1/65536 s. */
  delaySinceLastSenderReport: number
}

function ntpOf(wallClockMs: number): { seconds: number; fraction: number } {
  const wholeSeconds = Math.floor(wallClockMs / 1000)
  const fraction = Math.floor(((wallClockMs - wholeSeconds * 1000) / 1000) * 2 ** 32)
  return { seconds: (wholeSeconds + NTP_EPOCH_OFFSET_S) % 2 ** 32, fraction }
}

interface CompoundReport {
  /** Who reports: the SSRC of an RR, and of the SDES. */
  reporterSsrc: number
  cname: string
  senders: SenderReport[]
  blocks: ReportBlock[]
}

/** A compound packet that begins with a report and names its source, as RFC 3550 §6.1 wants it. */
export function writeCompoundReport(report: CompoundReport): Buffer {
  const [first, ...rest] = report.senders
  const head = first ? writeSenderReport(first, report.blocks) : writeReceiverReport(report.reporterSsrc, report.blocks)
  const others = rest.map((sender) => writeSenderReport(sender, []))
  const named = [report.reporterSsrc, ...report.senders.map((sender) => sender.ssrc)]
  return Buffer.concat([head, ...others, writeDescriptions([...new Set(named)], report.cname)])
}

function header(type: number, count: number, bodyBytes: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes[0] = 0x80 | count
  bytes[1] = type
  bytes.writeUInt16BE(bodyBytes / 4, 2)
  return bytes
}

function writeSenderReport(sender: SenderReport, blocks: ReportBlock[]): Buffer {
  const body = Buffer.alloc(24)
  const { seconds, fraction } = ntpOf(sender.wallClockMs)
  body.writeUInt32BE(sender.ssrc, 0)
  body.writeUInt32BE(seconds, 4)
  body.writeUInt32BE(fraction, 8)
  body.writeUInt32BE(sender.rtpTimestamp >>> 0, 12)
  body.writeUInt32BE(sender.packetCount >>> 0, 16)
  body.writeUInt32BE(sender.octetCount >>> 0, 20)
  return withBlocks(TYPE.senderReport, body, blocks)
}

function writeReceiverReport(ssrc: number, blocks: ReportBlock[]): Buffer {
  const body = Buffer.alloc(4)
  body.writeUInt32BE(ssrc, 0)
  return withBlocks(TYPE.receiverReport, body, blocks)
}

function withBlocks(type: number, body: Buffer, blocks: ReportBlock[]): Buffer {
  const written = blocks.slice(0, MAX_REPORT_BLOCKS).map(writeBlock)
  return Buffer.concat([header(type, written.length, body.length + written.length * 24), body, ...written])
}

function writeBlock(block: ReportBlock): Buffer {
  const bytes = Buffer.alloc(24)
  bytes.writeUInt32BE(block.ssrc, 0)
  const lost = Math.min(Math.max(block.cumulativeLost, -0x80_0000), 0x7f_ffff)
  bytes.writeUInt32BE((((block.fractionLost & 0xff) << 24) | (lost & 0xff_ffff)) >>> 0, 4)
  bytes.writeUInt32BE(block.extendedHighestSequence >>> 0, 8)
  bytes.writeUInt32BE(block.jitter >>> 0, 12)
  bytes.writeUInt32BE(block.lastSenderReport >>> 0, 16)
  bytes.writeUInt32BE(block.delaySinceLastSenderReport >>> 0, 20)
  return bytes
}

function writeDescriptions(ssrcs: number[], cname: string): Buffer {
  const chunks = ssrcs.map((ssrc) => {
    const text = Buffer.from(cname)
    // RFC 3550 §6.5: item CNAME (1), then at least one zero byte up to the next 32-bit boundary.
    const chunk = Buffer.alloc(Math.ceil((4 + 2 + text.length + 1) / 4) * 4)
    chunk.writeUInt32BE(ssrc, 0)
    chunk[4] = 1
    chunk[5] = text.length
    text.copy(chunk, 6)
    return chunk
  })
  const body = Buffer.concat(chunks)
  return Buffer.concat([header(TYPE.sourceDescription, ssrcs.length, body.length), body])
}

/** A sender report's clock pair, as it came: for the next RR's LSR and DLSR. */
export interface ReceivedSenderReport {
  ssrc: number
  /** The middle 32 bits of the NTP time (RFC 3550 §4): 16 bits of seconds, 16 of fraction. */
  compactNtp: number
}

/** The first sender report in a compound packet; null without one or for what is not RTCP. */
export function findSenderReport(compound: Buffer): ReceivedSenderReport | null {
  let offset = 0
  while (offset + 4 <= compound.length) {
    const bytes = (compound.readUInt16BE(offset + 2) + 1) * 4
    if (compound.readUInt8(offset) >> 6 !== 2 || offset + bytes > compound.length) return null
    if (compound.readUInt8(offset + 1) === TYPE.senderReport && bytes >= 28) {
      return { ssrc: compound.readUInt32BE(offset + 4), compactNtp: compound.readUInt32BE(offset + 10) }
    }
    offset += bytes
  }
  return null
}
