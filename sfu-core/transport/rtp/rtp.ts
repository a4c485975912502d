/** RTP (RFC 3550) and its one-byte and two-byte header extensions (RFC 8285), read in place. */

const FIXED_HEADER_BYTES = 12
const ONE_BYTE_PROFILE = 0xbede
const TWO_BYTE_PROFILE = 0x1000

/** RFC 7983 §7, RFC 5761 §4: of what begins with 128 to 191, payload types 64 to 95 are RTCP. */
export function isRtpOrRtcp(datagram: Buffer): boolean {
  const first = datagram[0] ?? 0
  return first >= 128 && first <= 191 && datagram.length >= FIXED_HEADER_BYTES - 4
}

export function isRtcp(datagram: Uint8Array): boolean {
  const payloadType = (datagram[1] ?? 0) & 0x7f
  return payloadType >= 64 && payloadType <= 95
}

export interface RtpHeader {
  payloadType: number
  sequenceNumber: number
  timestamp: number
  ssrc: number
  hasPadding: boolean
  /** Where the extension's elements lie; equal where there are none. */
  extensionStart: number
  extensionEnd: number
  extensionProfile: number
  /** Header, CSRCs and extension: where the payload begins. */
  headerBytes: number
}

/** Null for what is not RTP version 2 with a whole header. */
export function parseRtpHeader(packet: Buffer): RtpHeader | null {
  if (packet.length < FIXED_HEADER_BYTES) return null
  const first = packet.readUInt8(0)
  if (first >> 6 !== 2) return null
  let headerBytes = FIXED_HEADER_BYTES + (first & 0x0f) * 4
  let extensionStart = headerBytes
  let extensionProfile = 0
  if (first & 0x10) {
    if (packet.length < headerBytes + 4) return null
    extensionProfile = packet.readUInt16BE(headerBytes)
    extensionStart = headerBytes + 4
    headerBytes = extensionStart + packet.readUInt16BE(headerBytes + 2) * 4
  }
  if (packet.length < headerBytes) return null
  return {
    payloadType: packet.readUInt8(1) & 0x7f,
    sequenceNumber: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    hasPadding: (first & 0x20) !== 0,
    extensionStart,
    extensionEnd: headerBytes,
    extensionProfile,
    headerBytes,
  }
}

/**
 * RFC 6464 §3: the level in -dBov, 0 (loudest) to 127 (silence), of the extension element `id`; null without one.
 */
export function readAudioLevel(packet: Buffer, header: RtpHeader, id: number): number | null {
  const isTwoByte = (header.extensionProfile & 0xfff0) === TWO_BYTE_PROFILE
  if (!isTwoByte && header.extensionProfile !== ONE_BYTE_PROFILE) return null
  const area = packet.subarray(header.extensionStart, header.extensionEnd)
  let offset = 0
  while (offset < area.length) {
    const element = isTwoByte ? twoByteElement(area, offset) : oneByteElement(area, offset)
    if (!element || element.value + element.length > area.length) return null
    if (element.id === id) return element.length > 0 ? area.readUInt8(element.value) & 0x7f : null
    offset = element.value + element.length
  }
  return null
}

interface ExtensionElement {
  /** 0 is padding. */
  id: number
  value: number
  length: number
}

/** RFC 8285 §4.2; id 15 ends the reading. */
function oneByteElement(area: Buffer, offset: number): ExtensionElement | null {
  const first = area.readUInt8(offset)
  const id = first >> 4
  if (id === 15) return null
  return { id, value: offset + 1, length: id === 0 ? 0 : (first & 0x0f) + 1 }
}

/** RFC 8285 §4.3. */
function twoByteElement(area: Buffer, offset: number): ExtensionElement | null {
  const id = area.readUInt8(offset)
  if (id === 0) return { id, value: offset + 1, length: 0 }
  if (offset + 2 > area.length) return null
  return { id, value: offset + 2, length: area.readUInt8(offset + 1) }
}

/** The payload without RFC 3550 §5.1 padding; null where the padding is not possible. */
export function payloadOf(packet: Buffer, header: RtpHeader): Buffer | null {
  if (!header.hasPadding) return packet.subarray(header.headerBytes)
  const paddingBytes = packet[packet.length - 1] ?? 0
  const end = packet.length - paddingBytes
  return paddingBytes === 0 || end < header.headerBytes ? null : packet.subarray(header.headerBytes, end)
}

/** Bytes of the header that `writeDownlinkHeader` makes: the fixed one and one CSRC. */
export const DOWNLINK_HEADER_BYTES = FIXED_HEADER_BYTES + 4

export interface DownlinkHeader {
  payloadType: number
  marker: boolean
  sequenceNumber: number
  timestamp: number
  ssrc: number
  csrc: number
}

export function writeDownlinkHeader(into: Buffer, header: DownlinkHeader): void {
  into[0] = 0x81
  into[1] = (header.marker ? 0x80 : 0) | header.payloadType
  into.writeUInt16BE(header.sequenceNumber, 2)
  into.writeUInt32BE(header.timestamp >>> 0, 4)
  into.writeUInt32BE(header.ssrc, 8)
  into.writeUInt32BE(header.csrc >>> 0, 12)
}
