/** RTCP (RFC 3550 §6) as far as an audio SFU needs it: SR and RR with SDES out; SR, RR, NACK and BYE in. */

import { ntpOf } from './ntp-clock.ts'

const TYPE = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  bye: 203,
  transportFeedback: 205,
} as const
/** RFC 4585 §6.2.1. */
const GENERIC_NACK_FORMAT = 1
/** Header, SSRC and sender info (RFC 3550 §6.4.1). */
const SENDER_REPORT_BYTES = 28
/** Header and SSRC (RFC 3550 §6.4.2). */
const RECEIVER_REPORT_BYTES = 8
const BLOCK_BYTES = 24
/** Header, SSRC of the sender, SSRC of the media (RFC 4585 §6.1). */
const FEEDBACK_HEADER_BYTES = 12
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

interface CompoundReport {
  /** Who reports: the SSRC of an RR, and of the SDES. */
  reporterSsrc: number
  cname: string
  senders: SenderReport[]
  blocks: ReportBlock[]
}

/** A compound packet that begins with a report and names its source, as RFC 3550 §6.1 wants it. */
export function writeCompoundReport(report: CompoundReport): Buffer {
  const { reporterSsrc, senders, cname } = report
  const blocks = report.blocks.slice(0, MAX_REPORT_BLOCKS)
  const named = [...new Set([reporterSsrc, ...senders.map((sender) => sender.ssrc)])]
  const reportsBytes = senders.length > 0 ? senders.length * SENDER_REPORT_BYTES : RECEIVER_REPORT_BYTES
  const name = Buffer.from(cname)
  const bytes = reportsBytes + blocks.length * BLOCK_BYTES + 4 + named.length * chunkBytesOf(name)
  // One piece of memory from Node's pool for all: thousands of listeners get a report every five seconds.
  const compound = Buffer.allocUnsafe(bytes)
  let at = 0
  if (senders.length === 0) at = writeReceiverReport(compound, reporterSsrc, blocks)
  senders.forEach((sender, i) => {
    at = writeSenderReport(compound, at, { sender, blocks: i === 0 ? blocks : [] })
  })
  writeDescriptions(compound, at, { ssrcs: named, name })
  return compound
}

/** @returns where the body begins. */
function writeHeader(into: Buffer, at: number, header: { type: number; count: number; bodyBytes: number }): number {
  into[at] = 0x80 | header.count
  into[at + 1] = header.type
  return into.writeUInt16BE(header.bodyBytes / 4, at + 2)
}

/** @returns where the next packet begins. */
function writeSenderReport(
  into: Buffer,
  at: number,
  { sender, blocks }: { sender: SenderReport; blocks: readonly ReportBlock[] },
): number {
  const bodyBytes = SENDER_REPORT_BYTES - 4 + blocks.length * BLOCK_BYTES
  const body = writeHeader(into, at, { type: TYPE.senderReport, count: blocks.length, bodyBytes })
  const { seconds, fraction } = ntpOf(sender.wallClockMs)
  into.writeUInt32BE(sender.ssrc, body)
  into.writeUInt32BE(seconds, body + 4)
  into.writeUInt32BE(fraction, body + 8)
  into.writeUInt32BE(sender.rtpTimestamp >>> 0, body + 12)
  into.writeUInt32BE(sender.packetCount >>> 0, body + 16)
  into.writeUInt32BE(sender.octetCount >>> 0, body + 20)
  return writeBlocks(into, body + 24, blocks)
}

function writeReceiverReport(into: Buffer, ssrc: number, blocks: readonly ReportBlock[]): number {
  const bodyBytes = RECEIVER_REPORT_BYTES - 4 + blocks.length * BLOCK_BYTES
  const body = writeHeader(into, 0, { type: TYPE.receiverReport, count: blocks.length, bodyBytes })
  return writeBlocks(into, into.writeUInt32BE(ssrc, body), blocks)
}

function writeBlocks(into: Buffer, from: number, blocks: readonly ReportBlock[]): number {
  let at = from
  for (const block of blocks) {
    const lost = Math.min(Math.max(block.cumulativeLost, -0x80_0000), 0x7f_ffff)
    into.writeUInt32BE(block.ssrc, at)
    into.writeUInt32BE((((block.fractionLost & 0xff) << 24) | (lost & 0xff_ffff)) >>> 0, at + 4)
    into.writeUInt32BE(block.extendedHighestSequence >>> 0, at + 8)
    into.writeUInt32BE(block.jitter >>> 0, at + 12)
    into.writeUInt32BE(block.lastSenderReport >>> 0, at + 16)
    into.writeUInt32BE(block.delaySinceLastSenderReport >>> 0, at + 20)
    at += BLOCK_BYTES
  }
  return at
}

/** RFC 3550 §6.5: SSRC, item CNAME (1), then at least one zero byte up to the next 32-bit boundary. */
function chunkBytesOf(name: Buffer): number {
  return Math.ceil((4 + 2 + name.length + 1) / 4) * 4
}

function writeDescriptions(into: Buffer, at: number, { ssrcs, name }: { ssrcs: number[]; name: Buffer }): void {
  const chunkBytes = chunkBytesOf(name)
  const bodyBytes = ssrcs.length * chunkBytes
  let chunk = writeHeader(into, at, { type: TYPE.sourceDescription, count: ssrcs.length, bodyBytes })
  for (const ssrc of ssrcs) {
    into.fill(0, chunk, chunk + chunkBytes)
    into.writeUInt32BE(ssrc, chunk)
    into[chunk + 4] = 1
    into[chunk + 5] = name.length
    into.set(name, chunk + 6)
    chunk += chunkBytes
  }
}

/** A sender report's clock pair, as it came: for the next RR's LSR and DLSR. */
export interface ReceivedSenderReport {
  ssrc: number
  /** The middle 32 bits of the NTP time (RFC 3550 §4): 16 bits of seconds, 16 of fraction. */
  compactNtp: number
}

/** What `readRtcp` found, called in the order of the compound packet. What is passed is valid during the call only. */
export interface RtcpVisitor {
  onSenderReport(report: ReceivedSenderReport): void
  /** A block of a sender or receiver report: how a stream of ours arrives at the peer. */
  onReportBlock(block: ReportBlock): void
  /** RFC 4585 §6.2.1: the peer misses these packets of our stream, by their 16-bit sequence numbers; at most MAX_NACKED. */
  onNack(mediaSsrc: number, sequenceNumbers: readonly number[]): void
  /** RFC 3550 §6.6: the peer's stream has ended. */
  onBye(ssrc: number): void
}

/** Packets of one compound that are read: a browser sends about four; SR or RR, SDES, feedback, BYE. */
const MAX_PACKETS = 32
/**
 * Lost packets that one compound may name. libwebrtc's NackTracker holds 500 at most and names what it misses in
 * steps of a few; beyond this a peer asks for a flood and not for a repair.
 */
const MAX_NACKED = 256

/** One array for all NACKs, one object for all blocks: a visitor copies what it keeps. */
const nackedRead: number[] = []
const blockRead: ReportBlock = {
  ssrc: 0,
  fractionLost: 0,
  cumulativeLost: 0,
  extendedHighestSequence: 0,
  jitter: 0,
  lastSenderReport: 0,
  delaySinceLastSenderReport: 0,
}

/**
 * Reads a decrypted compound packet (RFC 3550 §6.1, also reduced-size, RFC 5506). Never throws: reading ends at the first packet
 * that is cut short, and what came before it counts. Types that an audio SFU has no use for are passed over. Among them
 * is XR (RFC 3611): browsers send no VoIP metrics block (§4.7), and a round trip is known from LSR and DLSR.
 * @returns how many packets were read; 0 for what is not RTCP.
 */
export function readRtcp(compound: Buffer, visitor: RtcpVisitor): number {
  let offset = 0
  let packets = 0
  while (packets < MAX_PACKETS && offset + 4 <= compound.length) {
    const end = offset + (compound.readUInt16BE(offset + 2) + 1) * 4
    if (compound.readUInt8(offset) >> 6 !== 2 || end > compound.length) break
    readPacket(compound, { start: offset, end }, visitor)
    offset = end
    packets += 1
  }
  return packets
}

interface Span {
  start: number
  end: number
}

function readPacket(compound: Buffer, packet: Span, visitor: RtcpVisitor): void {
  const count = compound.readUInt8(packet.start) & 0x1f
  switch (compound.readUInt8(packet.start + 1)) {
    case TYPE.senderReport:
      if (packet.end - packet.start < SENDER_REPORT_BYTES) return
      visitor.onSenderReport({
        ssrc: compound.readUInt32BE(packet.start + 4),
        compactNtp: compound.readUInt32BE(packet.start + 10),
      })
      readBlocks(compound, { start: packet.start + SENDER_REPORT_BYTES, end: packet.end }, { count, visitor })
      return
    case TYPE.receiverReport:
      readBlocks(compound, { start: packet.start + 8, end: packet.end }, { count, visitor })
      return
    case TYPE.bye:
      for (let i = 0, at = packet.start + 4; i < count && at + 4 <= packet.end; i++, at += 4) {
        visitor.onBye(compound.readUInt32BE(at))
      }
      return
    case TYPE.transportFeedback:
      if (count === GENERIC_NACK_FORMAT) readNacks(compound, packet, visitor)
  }
}

function readBlocks(compound: Buffer, blocks: Span, read: { count: number; visitor: RtcpVisitor }): void {
  for (let i = 0, at = blocks.start; i < read.count && at + BLOCK_BYTES <= blocks.end; i++, at += BLOCK_BYTES) {
    blockRead.ssrc = compound.readUInt32BE(at)
    blockRead.fractionLost = compound.readUInt8(at + 4)
    blockRead.cumulativeLost = compound.readIntBE(at + 5, 3)
    blockRead.extendedHighestSequence = compound.readUInt32BE(at + 8)
    blockRead.jitter = compound.readUInt32BE(at + 12)
    blockRead.lastSenderReport = compound.readUInt32BE(at + 16)
    blockRead.delaySinceLastSenderReport = compound.readUInt32BE(at + 20)
    read.visitor.onReportBlock(blockRead)
  }
}

/** RFC 4585 §6.2.1: each item is a packet number (PID), and 16 bits for the packets after it (BLP). */
function readNacks(compound: Buffer, packet: Span, visitor: RtcpVisitor): void {
  nackedRead.length = 0
  for (let at = packet.start + FEEDBACK_HEADER_BYTES; at + 4 <= packet.end; at += 4) {
    const first = compound.readUInt16BE(at)
    // The PID as bit 0, the BLP above it.
    for (let bits = compound.readUInt16BE(at + 2) * 2 + 1, i = 0; bits !== 0; bits >>>= 1, i++) {
      if ((bits & 1) === 1 && nackedRead.length < MAX_NACKED) nackedRead.push((first + i) & 0xffff)
    }
  }
  if (nackedRead.length > 0) visitor.onNack(compound.readUInt32BE(packet.start + 8), nackedRead)
}
