import { OPUS_MAX_FRAMES, OPUS_MAX_PACKET_SAMPLES, type OpusFrames } from './frames.ts'

/**
 * A merged packet is at most this long: with RTP header, CSRC and tag, and inside UDP, IPv6 and a tunnel, it stays below
 * the 1280 bytes that every IPv6 path carries (RFC 8200 §5).
 */
export const MERGED_MAX_BYTES = 1_200
/** The longest single packet that is taken: what fits a datagram on an Ethernet path. */
export const OPUS_MAX_PACKET_BYTES = 1_440
/** Above what `write` puts before the frames: TOC, count, and two bytes of length for each frame. */
const HEAD_MAX_BYTES = 2 + 2 * OPUS_MAX_FRAMES

/**
 * Makes one Opus packet of several by byte work alone (RFC 6716 §3.2): nothing is decoded. Gives the same bytes as
 * libopus's repacketizer. Has its own memory, so that the packets that are added need not last.
 */
export class Repacketizer {
  readonly #frames = new Uint8Array(OPUS_MAX_PACKET_BYTES)
  readonly #packet = new Uint8Array(OPUS_MAX_PACKET_BYTES + HEAD_MAX_BYTES)
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

  /** At 48 kHz. */
  get samples(): number {
    return this.#count * this.#frameSamples
  }

  /**
   * Adds the frames of `packet`, which `frames` tells of. False if they cannot be in one packet with what is there: another
   * mode, more than 120 ms, more than MERGED_MAX_BYTES; nothing is added then. The first packet is always taken, up to
   * OPUS_MAX_PACKET_BYTES: a frame cannot be cut.
   */
  add(packet: Uint8Array, frames: OpusFrames): boolean {
    if (this.#count === 0) this.#begin(frames)
    else if (!this.#fits(frames)) return false
    if (this.#framesBytes + packet.length > this.#frames.length) return false
    for (let i = 0; i < frames.count; i++) this.#addFrame(packet, frames.offsets[i] ?? 0, frames.lengthsBytes[i] ?? 0)
    return true
  }

  #begin(frames: OpusFrames): void {
    this.#mode = frames.mode
    this.#frameSamples = frames.frameSamples
  }

  #fits(frames: OpusFrames): boolean {
    const count = this.#count + frames.count
    if (frames.mode !== this.#mode || count > OPUS_MAX_FRAMES) return false
    if (count * this.#frameSamples > OPUS_MAX_PACKET_SAMPLES) return false
    let framesBytes = this.#framesBytes
    for (let i = 0; i < frames.count; i++) framesBytes += frames.lengthsBytes[i] ?? 0
    return framesBytes + 2 + 2 * count <= MERGED_MAX_BYTES
  }

  /** Byte by byte where short: below some 100 bytes a loop is quicker than making a view for `set`. */
  #addFrame(packet: Uint8Array, offset: number, lengthBytes: number): void {
    const frames = this.#frames
    const to = this.#framesBytes
    for (let i = 0; i < lengthBytes; i++) frames[to + i] = packet[offset + i] ?? 0
    this.#lengthsBytes[this.#count++] = lengthBytes
    this.#framesBytes = to + lengthBytes
  }

  /** The merged packet. Valid until the next `write`; not to be asked for when nothing was added. */
  write(): Uint8Array {
    const headBytes = this.#writeHead()
    const packet = this.#packet
    const frames = this.#frames
    const bytes = this.#framesBytes
    for (let i = 0; i < bytes; i++) packet[headBytes + i] = frames[i] ?? 0
    return packet.subarray(0, headBytes + bytes)
  }

  /** Gives its length. Codes 0 to 2 where they do, as libopus does it. */
  #writeHead(): number {
    const isEven = this.#areEven()
    if (this.#count === 1) return this.#writeCode(0)
    if (this.#count === 2) return isEven ? this.#writeCode(1) : this.#writeLengths(this.#writeCode(2))
    const headBytes = this.#writeCode(3)
    this.#packet[headBytes] = this.#count | (isEven ? 0 : 0x80)
    return isEven ? headBytes + 1 : this.#writeLengths(headBytes + 1)
  }

  #writeCode(code: number): number {
    this.#packet[0] = this.#mode | code
    return 1
  }

  /** RFC 6716 §3.2.1. */
  #writeLengths(from: number): number {
    const packet = this.#packet
    let at = from
    for (let i = 0; i < this.#count - 1; i++) {
      const length = this.#lengthsBytes[i] ?? 0
      if (length < 252) packet[at++] = length
      else {
        packet[at] = 252 + (length & 3)
        packet[at + 1] = (length - (252 + (length & 3))) >> 2
        at += 2
      }
    }
    return at
  }

  #areEven(): boolean {
    const first = this.#lengthsBytes[0]
    for (let i = 1; i < this.#count; i++) if (this.#lengthsBytes[i] !== first) return false
    return true
  }
}
