/**
 * The classic pcap file (draft-ietf-opsawg-pcap), as far as it needs to hold RTP and RTCP: raw IP packets, with an IPv4 and a UDP header
 * made up around each, because Wireshark finds RTP in UDP only.
 */

const MAGIC_MICROSECONDS = 0xa1b2_c3d4
/** LINKTYPE_RAW: the packet begins with the IP header. */
const LINK_TYPE_RAW = 101
const MAX_PACKET_BYTES = 65_535
const RECORD_HEADER_BYTES = 16
const IPV4_HEADER_BYTES = 20
const UDP_HEADER_BYTES = 8
const UDP_PROTOCOL = 17

/** What a record has besides the packet. */
export const PCAP_OVERHEAD_BYTES = RECORD_HEADER_BYTES + IPV4_HEADER_BYTES + UDP_HEADER_BYTES
/** The longest packet that fits into UDP over IPv4. */
export const PCAP_PACKET_MAX_BYTES = MAX_PACKET_BYTES - IPV4_HEADER_BYTES - UDP_HEADER_BYTES

export function pcapFileHeader(): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(MAGIC_MICROSECONDS, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(MAX_PACKET_BYTES, 16)
  header.writeUInt32LE(LINK_TYPE_RAW, 20)
  return header
}

export interface PcapEnds {
  /** IPv4, as a 32-bit number. */
  sourceAddress: number
  sourcePort: number
  destinationAddress: number
  destinationPort: number
}

/** Writes all of a record that goes before the packet of `packetBytes`, PCAP_OVERHEAD_BYTES long, at `at`. */
export function writePcapRecordHead(
  into: Buffer,
  at: number,
  record: { ends: PcapEnds; wallClockMs: number; packetBytes: number },
): void {
  const { ends, wallClockMs, packetBytes } = record
  const udpBytes = UDP_HEADER_BYTES + packetBytes
  const ipBytes = IPV4_HEADER_BYTES + udpBytes
  const seconds = Math.floor(wallClockMs / 1000)
  into.writeUInt32LE(seconds, at)
  into.writeUInt32LE(Math.floor((wallClockMs - seconds * 1000) * 1000), at + 4)
  into.writeUInt32LE(ipBytes, at + 8)
  into.writeUInt32LE(ipBytes, at + 12)
  writeIpv4Header(into, at + RECORD_HEADER_BYTES, { ends, ipBytes })
  const udpAt = at + RECORD_HEADER_BYTES + IPV4_HEADER_BYTES
  into.writeUInt16BE(ends.sourcePort, udpAt)
  into.writeUInt16BE(ends.destinationPort, udpAt + 2)
  into.writeUInt16BE(udpBytes, udpAt + 4)
  // RFC 768: zero says that there is no checksum.
  into.writeUInt16BE(0, udpAt + 6)
}

/** RFC 791 §3.1. */
function writeIpv4Header(into: Buffer, at: number, { ends, ipBytes }: { ends: PcapEnds; ipBytes: number }): void {
  into.writeUInt32BE((0x4500 << 16) | ipBytes, at)
  into.writeUInt32BE(0, at + 4)
  into.writeUInt32BE(((64 << 24) | (UDP_PROTOCOL << 16)) >>> 0, at + 8)
  into.writeUInt32BE(ends.sourceAddress >>> 0, at + 12)
  into.writeUInt32BE(ends.destinationAddress >>> 0, at + 16)
  let sum = 0
  for (let i = 0; i < IPV4_HEADER_BYTES; i += 2) sum += into.readUInt16BE(at + i)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  into.writeUInt16BE(~sum & 0xffff, at + 10)
}
