/** Ogg pages (RFC 3533): made, and read back. One logical stream per file. */

const HEADER_BYTES = 27
/** RFC 3533 §6: a page has at most 255 lacing values. */
export const OGG_MAX_SEGMENTS = 255
const SEGMENT_BYTES = 255
const OFFSET = { flags: 5, granule: 6, serial: 14, sequence: 18, checksum: 22, segmentCount: 26 } as const
const FLAG = { begin: 0x02, end: 0x04 } as const

/** RFC 3533 §6: polynomial 0x04c11db7, nothing reflected, starts at 0. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i << 24
  for (let bit = 0; bit < 8; bit++) value = value & 0x8000_0000 ? (value << 1) ^ 0x04c1_1db7 : value << 1
  return value >>> 0
})

function checksum(page: Uint8Array): number {
  let crc = 0
  for (const byte of page) crc = ((crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ byte] ?? 0)) >>> 0
  return crc
}

/** Lacing values that a packet takes. */
export function segmentsOf(packetBytes: number): number {
  return Math.floor(packetBytes / SEGMENT_BYTES) + 1
}

export interface OggPage {
  serial: number
  sequence: number
  /** For Opus: samples at 48 kHz up to the end of the page's last packet (RFC 7845 §4). */
  granule: number
  isFirst: boolean
  isLast: boolean
  /** Whole packets only, of at most OGG_MAX_SEGMENTS lacing values together. */
  packets: readonly Uint8Array[]
}

export function writeOggPage(page: OggPage): Buffer {
  const segmentCount = page.packets.reduce((count, packet) => count + segmentsOf(packet.length), 0)
  const bodyBytes = page.packets.reduce((bytes, packet) => bytes + packet.length, 0)
  const written = Buffer.alloc(HEADER_BYTES + segmentCount + bodyBytes)
  written.write('OggS', 0, 'latin1')
  written[OFFSET.flags] = (page.isFirst ? FLAG.begin : 0) | (page.isLast ? FLAG.end : 0)
  written.writeBigUInt64LE(BigInt(page.granule), OFFSET.granule)
  written.writeUInt32LE(page.serial, OFFSET.serial)
  written.writeUInt32LE(page.sequence, OFFSET.sequence)
  written[OFFSET.segmentCount] = segmentCount
  let lacing = HEADER_BYTES
  let body = HEADER_BYTES + segmentCount
  for (const packet of page.packets) {
    const end = lacing + segmentsOf(packet.length) - 1
    written.fill(SEGMENT_BYTES, lacing, end)
    written[end] = packet.length % SEGMENT_BYTES
    lacing = end + 1
    written.set(packet, body)
    body += packet.length
  }
  return seal(written)
}

function seal(page: Buffer): Buffer {
  page.writeUInt32LE(0, OFFSET.checksum)
  page.writeUInt32LE(checksum(page), OFFSET.checksum)
  return page
}

export interface ReadOggPage extends OggPage {
  /** Where the page lies in the file, and how long it is. */
  offset: number
  sizeBytes: number
}

/** The page that begins at `offset`; null where none, a torn or a broken one is. Packets are views of `file`. */
export function readOggPage(file: Buffer, offset: number): ReadOggPage | null {
  if (offset + HEADER_BYTES > file.length || file.toString('latin1', offset, offset + 4) !== 'OggS') return null
  const segmentCount = file.readUInt8(offset + OFFSET.segmentCount)
  const bodyStart = offset + HEADER_BYTES + segmentCount
  if (bodyStart > file.length) return null
  const lacing = file.subarray(offset + HEADER_BYTES, bodyStart)
  const end = bodyStart + lacing.reduce((sum, value) => sum + value, 0)
  if (end > file.length || !isIntact(file.subarray(offset, end))) return null
  const flags = file.readUInt8(offset + OFFSET.flags)
  return {
    serial: file.readUInt32LE(offset + OFFSET.serial),
    sequence: file.readUInt32LE(offset + OFFSET.sequence),
    granule: Number(file.readBigUInt64LE(offset + OFFSET.granule)),
    isFirst: (flags & FLAG.begin) !== 0,
    isLast: (flags & FLAG.end) !== 0,
    packets: splitPackets(file, lacing, bodyStart),
    offset,
    sizeBytes: end - offset,
  }
}

function isIntact(page: Buffer): boolean {
  const copy = Buffer.from(page)
  copy.writeUInt32LE(0, OFFSET.checksum)
  return checksum(copy) === page.readUInt32LE(OFFSET.checksum)
}

function splitPackets(file: Buffer, lacing: Buffer, bodyStart: number): Buffer[] {
  const packets: Buffer[] = []
  let start = bodyStart
  let end = bodyStart
  for (const value of lacing) {
    end += value
    if (value === SEGMENT_BYTES) continue
    packets.push(file.subarray(start, end))
    start = end
  }
  return packets
}

/** The intact pages from the beginning, up to the first that is not. */
export function readOggPages(file: Buffer): ReadOggPage[] {
  const pages: ReadOggPage[] = []
  let offset = 0
  for (;;) {
    const page = readOggPage(file, offset)
    if (!page) return pages
    pages.push(page)
    offset += page.sizeBytes
  }
}

/** The page marked as the stream's last. */
export function asLastPage(page: OggPage): Buffer {
  return writeOggPage({ ...page, isLast: true })
}
