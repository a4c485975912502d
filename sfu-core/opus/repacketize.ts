import { OPUS_MAX_FRAMES, OPUS_MAX_PACKET_SAMPLES, type OpusFrames } from './frames.ts'

/**
 * A merged packet is at most this long: with RTP header, CSRC and tag, and inside UDP, IPv6 and a tunnel, it stays below
 * the 1280 bytes that every IPv6 path carries (RFC 8200 §5).
 */
export const MERGED_MAX_BYTES = 1_200
/** The longest single packet that is taken: what fits a datagram on an Ethernet path. */
export const OPUS_MAX_PACKET_BYTES = 1_440
/** What `write` puts before the frames at most: TOC, count, and two bytes of length for each frame. */
const HEAD_MAX_BYTES = 2 + 2 * OPUS_MAX_FRAMES

/** RFC 6716 §3.2.1: shorter frames tell their length in one byte. */
const TWO_BYTE_LENGTHS_FROM = 252

/**
 * Makes one Opus packet of several by byte work alone (RFC 6716 §3.2): nothing is decoded. Gives the same bytes as
 * libopus's repacketizer. Has its own memory, so that the packets that are added need not last.
 */
export class Repacketizer {
  /** Frames from HEAD_MAX_BYTES on; what comes before them is written last, up to there. */
  readonly #bytes = new Uint8Array(HEAD_MAX_BYTES + OPUS_MAX_PACKET_BYTES)
  readonly #lengthsBytes = new Uint16Array(OPUS_MAX_FRAMES)
  #mode = 0
  #frameSamples = 0
  #count = 0
  #framesBytes = 0

  clear(): void {
    this.#count = 0
    this.#framesBytes = 0
  }

  get frameCount(): number {
    return this.#count
  }

  /** Of one frame, at 48 kHz. */
  get frameSamples(): number {
    return this.#frameSamples
  }

  /** At 48 kHz. */
  get samples(): number {
    return this.#count * this.#frameSamples
  }

  /**
   * Adds the frames of `packet`, which `frames` tells of, after `emptyBefore` empty ones. False if they cannot be in one packet
   * with what is there: another mode, more than 120 ms, more than MERGED_MAX_BYTES; nothing is added then. The first packet is
   * always taken, up to OPUS_MAX_PACKET_BYTES, if nothing is to be before it: a frame cannot be cut.
   */
  add(packet: Uint8Array, frames: OpusFrames, emptyBefore = 0): boolean {
    const isFirst = this.#count === 0
    if (isFirst) this.#begin(frames)
    if ((!isFirst || emptyBefore > 0) && !this.#fits(frames, emptyBefore)) return false
    if (this.#framesBytes + packet.length > OPUS_MAX_PACKET_BYTES) return false
    for (let i = 0; i < emptyBefore; i++) this.#noteFrame(0)
    if (frames.count === 1 && frames.offsets[0] === 1) this.#addWithoutToc(packet)
    else this.#addFrames(packet, frames)
    return true
  }

  #begin(frames: OpusFrames): void {
    this.#mode = frames.mode
    this.#frameSamples = frames.frameSamples
  }

  /**
   * Adds frames without a byte, which tell a decoder that there is nothing for their time (RFC 6716 §3.2.1): it goes on with
   * the silence that was, or conceals. To be asked only when something was added. False, and nothing added, where `add` is.
   */
  addEmpty(count: number): boolean {
    if (!this.#hasRoom(this.#count + count, this.#framesBytes)) return false
    for (let i = 0; i < count; i++) this.#noteFrame(0)
    return true
  }

  #fits(frames: OpusFrames, emptyBefore: number): boolean {
    if (frames.mode !== this.#mode) return false
    let framesBytes = this.#framesBytes
    for (let i = 0; i < frames.count; i++) framesBytes += frames.lengthsBytes[i] ?? 0
    return this.#hasRoom(this.#count + emptyBefore + frames.count, framesBytes)
  }

  #hasRoom(count: number, framesBytes: number): boolean {
    const isShort = count <= OPUS_MAX_FRAMES && count * this.#frameSamples <= OPUS_MAX_PACKET_SAMPLES
    return isShort && framesBytes + 2 + 2 * count <= MERGED_MAX_BYTES
  }

  /** What nearly all packets are. Copied with the TOC byte and put right again: quicker than making a view without it. */
  #addWithoutToc(packet: Uint8Array): void {
    const bytes = this.#bytes
    const before = HEAD_MAX_BYTES + this.#framesBytes - 1
    const kept = bytes[before] ?? 0
    bytes.set(packet, before)
    bytes[before] = kept
    this.#noteFrame(packet.length - 1)
  }

  #addFrames(packet: Uint8Array, frames: OpusFrames): void {
    for (let i = 0; i < frames.count; i++) {
      const offset = frames.offsets[i] ?? 0
      const lengthBytes = frames.lengthsBytes[i] ?? 0
      this.#bytes.set(packet.subarray(offset, offset + lengthBytes), HEAD_MAX_BYTES + this.#framesBytes)
      this.#noteFrame(lengthBytes)
    }
  }

  #noteFrame(lengthBytes: number): void {
    this.#lengthsBytes[this.#count++] = lengthBytes
    this.#framesBytes += lengthBytes
  }

  /** The merged packet. Valid until the next call of anything here; not to be asked for when nothing was added. */
  write(): Uint8Array {
    const from = HEAD_MAX_BYTES - this.#headBytes()
    this.#writeHead(from)
    return this.#bytes.subarray(from, HEAD_MAX_BYTES + this.#framesBytes)
  }

  /** Codes 0 to 2 where they do, as libopus does it; else 3. */
  #writeHead(from: number): void {
    const bytes = this.#bytes
    const count = this.#count
    if (count > 2) {
      bytes[from] = this.#mode | 3
      bytes[from + 1] = count | (this.#isEven ? 0 : 0x80)
    } else if (count === 1) bytes[from] = this.#mode
    else bytes[from] = this.#mode | (this.#isEven ? 1 : 2)
    if (!this.#isEven) this.#writeLengths(from + (count > 2 ? 2 : 1))
  }

  /** RFC 6716 §3.2.1: of all frames but the last. */
  #writeLengths(from: number): void {
    const bytes = this.#bytes
    let at = from
    for (let i = 0; i < this.#count - 1; i++) {
      const length = this.#lengthsBytes[i] ?? 0
      if (length < TWO_BYTE_LENGTHS_FROM) bytes[at++] = length
      else {
        bytes[at++] = TWO_BYTE_LENGTHS_FROM + (length & 3)
        bytes[at++] = (length - TWO_BYTE_LENGTHS_FROM - (length & 3)) >> 2
      }
    }
  }

  #headBytes(): number {
    let headBytes = this.#count > 2 ? 2 : 1
    if (this.#isEven) return headBytes
    for (let i = 0; i < this.#count - 1; i++) {
      headBytes += (this.#lengthsBytes[i] ?? 0) < TWO_BYTE_LENGTHS_FROM ? 1 : 2
    }
    return headBytes
  }

  /** All frames are of one length: CBR. */
  get #isEven(): boolean {
    const first = this.#lengthsBytes[0]
    for (let i = 1; i < this.#count; i++) if (this.#lengthsBytes[i] !== first) return false
    return true
  }
}
