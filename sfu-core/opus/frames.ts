/** The frames inside an Opus packet (RFC 6716 §3.2), found without decoding and without allocating. */

/** RFC 6716 §3.2.5: at most 48 frames, and at most 120 ms, in a packet. */
export const OPUS_MAX_FRAMES = 48
export const OPUS_MAX_PACKET_SAMPLES = 5_760
/** RFC 6716 §3.4, requirement 2. */
export const OPUS_MAX_FRAME_BYTES = 1_275
const SAMPLES_PER_MS = 48

/** RFC 6716 §3.1, table 2: per configuration group, frame durations in units of 2.5 ms. */
const SILK_DURATIONS = [4, 8, 16, 24] as const
const HYBRID_DURATIONS = [4, 8] as const
const CELT_DURATIONS = [1, 2, 4, 8] as const
const DURATION_UNIT_SAMPLES = 2.5 * SAMPLES_PER_MS

/** Filled by `splitOpusPacket`, to be used again and again. */
export class OpusFrames {
  /** Configuration and stereo bit of the TOC byte, its code taken off: what packets must share to be merged. */
  mode = 0
  count = 0
  /** Of one frame, at 48 kHz. */
  frameSamples = 0
  readonly offsets = new Uint32Array(OPUS_MAX_FRAMES)
  readonly lengthsBytes = new Uint16Array(OPUS_MAX_FRAMES)

  /** All frames together, at 48 kHz. */
  get packetSamples(): number {
    return this.count * this.frameSamples
  }

  get isStereo(): boolean {
    return (this.mode & 0x04) !== 0
  }

  /**
   * Nothing to hear (RFC 7587 §3.1.3): libopus sends a TOC byte, alone or with one byte, and then nothing for a while; a
   * frame of 0 or 1 bytes is decoded as a lost one is (RFC 6716 §3.2.1, opus_decoder.c).
   */
  get isDtx(): boolean {
    for (let i = 0; i < this.count; i++) if ((this.lengthsBytes[i] ?? 0) > 1) return false
    return true
  }
}

/** Configurations from this on are CELT alone. */
const FIRST_CELT_CONFIG = 16
const SILK_FRAME_SAMPLES = 20 * SAMPLES_PER_MS

/**
 * The packet tells again, coarser, what the packet before it told (LBRR, what WebRTC calls Opus FEC): a decoder that gets it
 * after a loss needs not conceal. RFC 6716 §4.2.3: a flag after each channel's flags of voice activity, one a SILK frame. They
 * are the first bits of the first frame, as they are coded with even odds (libopus's opus_packet_has_lbrr reads them so, too).
 */
export function carriesFec(packet: Uint8Array, frames: OpusFrames): boolean {
  if (frames.mode >> 3 >= FIRST_CELT_CONFIG || (frames.lengthsBytes[0] ?? 0) === 0) return false
  const flags = packet[frames.offsets[0] ?? 0] ?? 0
  const silkFrames = Math.max(1, frames.frameSamples / SILK_FRAME_SAMPLES)
  const mono = (flags >> (7 - silkFrames)) & 1
  const side = frames.isStereo ? (flags >> (6 - 2 * silkFrames)) & 1 : 0
  return mono + side > 0
}

/** False for what is not a well-formed packet by RFC 6716 §3.4, as far as lengths tell; `frames` is then not to be used. */
export function splitOpusPacket(packet: Uint8Array, frames: OpusFrames): boolean {
  const toc = packet[0]
  if (toc === undefined) return false
  frames.mode = toc & 0xfc
  frames.frameSamples = frameSamplesOf(toc >> 3)
  return splitByCode(packet, toc & 0x03, frames) && frames.packetSamples <= OPUS_MAX_PACKET_SAMPLES
}

function frameSamplesOf(config: number): number {
  if (config < 12) return (SILK_DURATIONS[config % 4] ?? 0) * DURATION_UNIT_SAMPLES
  if (config < 16) return (HYBRID_DURATIONS[config % 2] ?? 0) * DURATION_UNIT_SAMPLES
  return (CELT_DURATIONS[config % 4] ?? 0) * DURATION_UNIT_SAMPLES
}

function splitByCode(packet: Uint8Array, code: number, frames: OpusFrames): boolean {
  switch (code) {
    case 0:
      frames.count = 1
      return splitEvenly(frames, 1, packet.length)
    case 1:
      frames.count = 2
      return splitEvenly(frames, 1, packet.length)
    case 2:
      frames.count = 2
      return splitByLengths(packet, frames, { from: 1, to: packet.length })
    default:
      return splitCode3(packet, frames)
  }
}

/** RFC 6716 §3.2.5. */
function splitCode3(packet: Uint8Array, frames: OpusFrames): boolean {
  const head = packet[1]
  if (head === undefined) return false
  frames.count = head & 0x3f
  if (frames.count === 0 || frames.count > OPUS_MAX_FRAMES) return false
  let from = 2
  let to = packet.length
  if (head & 0x40) {
    // Padding lengths come first, the padding itself last: 255 stands for 254 bytes and another length.
    let length = 255
    while (length === 255) {
      if (from >= packet.length) return false
      length = packet[from++] ?? 0
      to -= length === 255 ? 254 : length
    }
  }
  return head & 0x80 ? splitByLengths(packet, frames, { from, to }) : splitEvenly(frames, from, to)
}

function splitEvenly(frames: OpusFrames, from: number, to: number): boolean {
  const lengthBytes = (to - from) / frames.count
  if (!Number.isInteger(lengthBytes) || lengthBytes < 0 || lengthBytes > OPUS_MAX_FRAME_BYTES) return false
  for (let i = 0; i < frames.count; i++) {
    frames.offsets[i] = from + i * lengthBytes
    frames.lengthsBytes[i] = lengthBytes
  }
  return true
}

/** Every frame but the last is led in by its length (RFC 6716 §3.2.1: one byte up to 251, else two). */
function splitByLengths(packet: Uint8Array, frames: OpusFrames, body: { from: number; to: number }): boolean {
  const last = frames.count - 1
  let at = body.from
  let total = 0
  for (let i = 0; i < last; i++) {
    const first = packet[at++] ?? 0
    const length = first < 252 ? first : (packet[at++] ?? 0) * 4 + first
    frames.lengthsBytes[i] = length
    total += length
  }
  const lastBytes = body.to - at - total
  if (lastBytes < 0 || lastBytes > OPUS_MAX_FRAME_BYTES) return false
  frames.lengthsBytes[last] = lastBytes
  for (let i = 0; i <= last; i++) {
    frames.offsets[i] = at
    at += frames.lengthsBytes[i] ?? 0
  }
  return true
}
