/**
 * RTP payload for redundant audio (RFC 2198): each packet carries earlier ones along, so that a lost packet is had from the
 * next. Opus's own FEC repairs only the first frame of a packet that holds several, at a lower rate; this repairs all of it.
 */

/** RFC 2198 §3: F bit and payload type, 14 bits of timestamp offset, 10 bits of length. */
const REDUNDANT_HEADER_BYTES = 4
const PRIMARY_HEADER_BYTES = 1
const OFFSET_LIMIT = 1 << 14
const LENGTH_LIMIT = 1 << 10
/** libwebrtc sends one block and can be told to send up to nine (AudioEncoderCopyRed). */
export const MAX_REDUNDANT_BLOCKS = 9

interface RedParts {
  /** Of both blocks, as negotiated with the peer (a=fmtp of RED). */
  payloadType: number
  primary: Uint8Array
  redundant: Uint8Array
  /** By how much the redundant packet is older, in units of the RTP clock. */
  timestampOffset: number
}

/**
 * A payload of one redundant and the primary block; a new array. Null for what the header cannot say: an offset of 0 or
 * from 16384 on (341 ms at 48 kHz), a redundant block that is empty or from 1024 bytes on.
 */
export function buildRed({ payloadType, primary, redundant, timestampOffset }: RedParts): Uint8Array | null {
  if (!(timestampOffset > 0 && timestampOffset < OFFSET_LIMIT)) return null
  if (redundant.length === 0 || redundant.length >= LENGTH_LIMIT) return null
  const headersBytes = REDUNDANT_HEADER_BYTES + PRIMARY_HEADER_BYTES
  // From the pool: an array of its own costs ten times as much.
  const payload = Buffer.allocUnsafe(headersBytes + redundant.length + primary.length)
  payload[0] = 0x80 | payloadType
  payload[1] = timestampOffset >> 6
  payload[2] = ((timestampOffset & 0x3f) << 2) | (redundant.length >> 8)
  payload[3] = redundant.length & 0xff
  payload[4] = payloadType
  payload.set(redundant, headersBytes)
  payload.set(primary, headersBytes + redundant.length)
  return payload
}

/** The blocks of one payload; one object serves for all packets of a stream. */
export class RedBlocks {
  /** How many are redundant; they come first, oldest first as senders have it. */
  redundantCount = 0
  /** Index `redundantCount` is the primary block, with offset 0. */
  readonly payloadTypes = new Uint8Array(MAX_REDUNDANT_BLOCKS + 1)
  readonly timestampOffsets = new Uint16Array(MAX_REDUNDANT_BLOCKS + 1)
  readonly #ends = new Uint16Array(MAX_REDUNDANT_BLOCKS + 1)
  #payload: Uint8Array = new Uint8Array()
  #start = 0

  /** False, and no blocks, for what is not RED by RFC 2198 §3, or has more than MAX_REDUNDANT_BLOCKS. Never throws. */
  read(payload: Uint8Array): boolean {
    this.redundantCount = 0
    const count = this.#readHeaders(payload)
    if (count < 0) return false
    let end = this.#start
    for (let i = 0; i < count; i++) end = this.#ends[i] = end + (this.#ends[i] ?? 0)
    // An empty primary block is possible: libwebrtc has none for a DTX frame. What has run over its end is cut short.
    if (end > payload.length || payload.length > 0xffff) return false
    this.#ends[count] = payload.length
    this.#payload = payload
    this.redundantCount = count
    return true
  }

  /** Gives the number of redundant blocks, with their lengths in `#ends`; -1 for what is cut short. */
  #readHeaders(payload: Uint8Array): number {
    let at = 0
    for (let i = 0; i <= MAX_REDUNDANT_BLOCKS; i++) {
      const first = payload[at]
      if (first === undefined) return -1
      this.payloadTypes[i] = first & 0x7f
      if (first < 0x80) {
        this.timestampOffsets[i] = 0
        this.#start = at + PRIMARY_HEADER_BYTES
        return i
      }
      if (at + REDUNDANT_HEADER_BYTES > payload.length) return -1
      const middle = payload[at + 2] ?? 0
      this.timestampOffsets[i] = ((payload[at + 1] ?? 0) << 6) | (middle >> 2)
      this.#ends[i] = ((middle & 0x03) << 8) | (payload[at + 3] ?? 0)
      at += REDUNDANT_HEADER_BYTES
    }
    return -1
  }

  /** A view into the payload, 0 to `redundantCount` (the primary one). */
  block(index: number): Uint8Array {
    const start = index === 0 ? this.#start : (this.#ends[index - 1] ?? 0)
    return this.#payload.subarray(start, this.#ends[index] ?? start)
  }
}
