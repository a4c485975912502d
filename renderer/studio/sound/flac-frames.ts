/**
 * Finds FLAC frames in a stretch of a file (RFC 9639, section 9), so that a part of a long track can be fetched and decoded by
 * itself: browsers decode whole files only.
 */

/** What STREAMINFO (section 8.2) says, and where the frames begin. */
export interface FlacInfo {
  /** Frames of a stream with fixed block size count in these. */
  blockSamples: number
  sampleRate: number
  channels: number
  /** The block's content, for a file made of some of the frames. */
  streamInfo: Uint8Array
  /** The first frame's place in the file, in bytes. */
  audioOffsetBytes: number
  /** Places of frames in the file, where it has a seek table (section 8.5). */
  seekPoints: readonly { sample: number; bytes: number }[]
}

/** A frame in the bytes that were searched. */
export interface FlacFrame {
  offsetBytes: number
  lengthBytes: number
  firstSample: number
  sampleCount: number
}

const MAGIC = [0x66, 0x4c, 0x61, 0x43]
const BLOCK_HEADER_BYTES = 4
const STREAMINFO_TYPE = 0
const STREAMINFO_BYTES = 34
const SEEKTABLE_TYPE = 3
const SEEKPOINT_BYTES = 18
const SEEKPOINT_PLACEHOLDER = 0xffff_ffff_ffff_ffffn
/** Sync, block size, rate, channels, coded number (up to 7), block size and rate in full (2 each), CRC: section 9.1. */
const FRAME_HEADER_MAX_BYTES = 16

/**
 * Reads the head of a file. null where `head` ends before the metadata does (the answer is in a longer head).
 * @throws where it is no FLAC file.
 */
export function readFlacInfo(head: Uint8Array): FlacInfo | null {
  if (!MAGIC.every((byte, index) => head[index] === byte)) throw new Error('This is no FLAC file.')
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const blocks = new Map<number, Uint8Array>()
  for (let offset = MAGIC.length; offset + BLOCK_HEADER_BYTES <= head.length; ) {
    const first = view.getUint8(offset)
    const content = offset + BLOCK_HEADER_BYTES
    offset = content + (view.getUint32(offset) & 0xff_ffff)
    if (offset > head.length) return null
    blocks.set(first & 0x7f, head.slice(content, offset))
    if (first >= 0x80) return describe(blocks, offset)
  }
  return null
}

function describe(blocks: ReadonlyMap<number, Uint8Array>, audioOffsetBytes: number): FlacInfo {
  const streamInfo = blocks.get(STREAMINFO_TYPE)
  if (streamInfo?.length !== STREAMINFO_BYTES) throw new Error('The FLAC file does not say what is in it.')
  const view = new DataView(streamInfo.buffer)
  return {
    blockSamples: view.getUint16(0),
    sampleRate: view.getUint32(10) >>> 12,
    channels: ((view.getUint8(12) >> 1) & 7) + 1,
    streamInfo,
    audioOffsetBytes,
    seekPoints: readSeekTable(blocks.get(SEEKTABLE_TYPE), audioOffsetBytes),
  }
}

function readSeekTable(table: Uint8Array | undefined, audioOffsetBytes: number): FlacInfo['seekPoints'] {
  if (table === undefined) return []
  const view = new DataView(table.buffer)
  const points: { sample: number; bytes: number }[] = []
  for (let offset = 0; offset + SEEKPOINT_BYTES <= table.length; offset += SEEKPOINT_BYTES) {
    const sample = view.getBigUint64(offset)
    if (sample !== SEEKPOINT_PLACEHOLDER) {
      points.push({ sample: Number(sample), bytes: audioOffsetBytes + Number(view.getBigUint64(offset + 8)) })
    }
  }
  return points
}

interface FoundHeader {
  offsetBytes: number
  firstSample: number
  sampleCount: number
}

/**
 * The whole frames in `bytes`, in order and following each other. What looks like a header but has no frame after it that goes
 * on from it is sound that looks so by chance. `atEnd`: the file ends where the bytes do.
 */
export function findFrames(bytes: Uint8Array, info: FlacInfo, atEnd: boolean): FlacFrame[] {
  const headers = findHeaders(bytes, info)
  const frames: FlacFrame[] = []
  let index = firstOfChain(headers, atEnd)
  for (let header = headers[index]; header !== undefined; ) {
    const nextIndex = following(headers, index)
    const next: FoundHeader | undefined = headers[nextIndex]
    if (next === undefined && !atEnd) break
    frames.push({ ...header, lengthBytes: (next?.offsetBytes ?? bytes.length) - header.offsetBytes })
    index = nextIndex
    header = next
  }
  return frames
}

function firstOfChain(headers: readonly FoundHeader[], atEnd: boolean): number {
  const index = headers.findIndex((_, candidate) => following(headers, candidate) !== -1)
  return index === -1 && atEnd ? headers.length - 1 : index
}

/** The header that goes on from that one: most often the next, since few things look like one by chance. -1: none. */
function following(headers: readonly FoundHeader[], index: number): number {
  const before = headers[index]
  if (before === undefined) return -1
  const wanted = before.firstSample + before.sampleCount
  for (let later = index + 1; later < headers.length; later++) {
    if (headers[later]?.firstSample === wanted) return later
  }
  return -1
}

function findHeaders(bytes: Uint8Array, info: FlacInfo): FoundHeader[] {
  const headers: FoundHeader[] = []
  for (let offset = bytes.indexOf(0xff); offset !== -1; offset = bytes.indexOf(0xff, offset + 1)) {
    if (((bytes[offset + 1] ?? 0) & 0xfe) !== 0xf8) continue
    const header = readHeader(bytes.subarray(offset, offset + FRAME_HEADER_MAX_BYTES), info)
    if (header !== null) headers.push({ offsetBytes: offset, ...header })
  }
  return headers
}

/** Section 9.1. null where it is none. */
function readHeader(bytes: Uint8Array, info: FlacInfo): Omit<FoundHeader, 'offsetBytes'> | null {
  const [, strategy = 0, sizes = 0, layout = 0] = bytes
  const sizeCode = sizes >> 4
  const rateCode = sizes & 0xf
  if (sizeCode === 0 || rateCode === 0xf || layout >> 4 > 10 || (layout & 1) === 1) return null
  const number = readCodedNumber(bytes, 4)
  if (number === null) return null
  const size = readBlockSize(bytes, number.end, sizeCode)
  const end = size.end + rateBytes(rateCode)
  if (end >= bytes.length || crc8(bytes, end) !== bytes[end]) return null
  const isVariable = (strategy & 1) === 1
  return { firstSample: isVariable ? number.value : number.value * info.blockSamples, sampleCount: size.samples }
}

/** Section 9.1.5: as UTF-8 codes, extended to 36 bits. */
function readCodedNumber(bytes: Uint8Array, start: number): { value: number; end: number } | null {
  const first = bytes[start] ?? 0
  const ones = Math.clz32(~(first << 24))
  if (ones === 0) return { value: first, end: start + 1 }
  if (ones === 1 || ones > 7) return null
  let value = first & (0x7f >> ones)
  for (let index = 1; index < ones; index++) {
    const byte = bytes[start + index] ?? 0
    if (byte >> 6 !== 2) return null
    value = value * 64 + (byte & 0x3f)
  }
  return { value, end: start + ones }
}

/** Section 9.1.1. */
function readBlockSize(bytes: Uint8Array, start: number, code: number): { samples: number; end: number } {
  if (code === 6) return { samples: (bytes[start] ?? 0) + 1, end: start + 1 }
  if (code === 7) return { samples: (((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0)) + 1, end: start + 2 }
  if (code === 1) return { samples: 192, end: start }
  return { samples: code < 6 ? 144 << code : 1 << code, end: start }
}

/** Section 9.1.2: rates that are written in full. */
function rateBytes(code: number): number {
  if (code < 0xc) return 0
  return code === 0xc ? 1 : 2
}

/** Section 9.1.8: polynomial x^8 + x^2 + x + 1. */
const CRC8_TABLE = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x80 ? 0x07 : 0)) & 0xff
  return crc
})

function crc8(bytes: Uint8Array, length: number): number {
  let crc = 0
  for (let index = 0; index < length; index++) crc = CRC8_TABLE[crc ^ (bytes[index] ?? 0)] ?? 0
  return crc
}

/** A file of its own with these frames' bytes, for the browser's decoder. How many samples, and their MD5, is left open (section 8.2). */
export function flacFileOf(frames: Uint8Array, info: FlacInfo): ArrayBuffer {
  const headBytes = MAGIC.length + BLOCK_HEADER_BYTES + STREAMINFO_BYTES
  const file = new Uint8Array(headBytes + frames.length)
  file.set(MAGIC)
  file.set([0x80, 0, 0, STREAMINFO_BYTES], MAGIC.length)
  file.set(info.streamInfo, MAGIC.length + BLOCK_HEADER_BYTES)
  const open = MAGIC.length + BLOCK_HEADER_BYTES
  file[open + 13] = (file[open + 13] ?? 0) & 0xf0
  file.fill(0, open + 14, headBytes)
  file.set(frames, headBytes)
  return file.buffer
}
