/** Opus packets as far as their outside tells (RFC 6716 §3). Nothing here decodes. */

/** RFC 6716 §2.1.4: a packet is at most 120 ms; the shortest frame is 2.5 ms. */
const OPUS_MAX_PACKET_SAMPLES = 5_760
/** RFC 6716 §3.4, requirement 2. */
const MAX_FRAME_BYTES = 1_275
const SAMPLES_PER_MS = 48

/** RFC 6716 §3.1, table 2: per configuration group, frame durations in units of 2.5 ms. */
const SILK_DURATIONS = [4, 8, 16, 24] as const
const HYBRID_DURATIONS = [4, 8] as const
const CELT_DURATIONS = [1, 2, 4, 8] as const
const DURATION_UNIT_SAMPLES = 2.5 * SAMPLES_PER_MS

interface OpusPacketInfo {
  /** At 48 kHz. */
  frameSamples: number
  frameCount: number
  /** At 48 kHz, all frames together. */
  packetSamples: number
  isStereo: boolean
}

/** Null for what is not a well-formed Opus packet by RFC 6716 §3.4, as far as lengths tell. */
export function parseOpusPacket(packet: Uint8Array): OpusPacketInfo | null {
  const toc = packet[0]
  if (toc === undefined) return null
  const frameCount = countFrames(packet, toc & 0x03)
  const frameSamples = frameSamplesOf(toc >> 3)
  const packetSamples = frameSamples * frameCount
  if (frameCount === 0 || packetSamples > OPUS_MAX_PACKET_SAMPLES) return null
  return { frameSamples, frameCount, packetSamples, isStereo: (toc & 0x04) !== 0 }
}

function frameSamplesOf(config: number): number {
  if (config < 12) return (SILK_DURATIONS[config % 4] ?? 0) * DURATION_UNIT_SAMPLES
  if (config < 16) return (HYBRID_DURATIONS[config % 2] ?? 0) * DURATION_UNIT_SAMPLES
  return (CELT_DURATIONS[config % 4] ?? 0) * DURATION_UNIT_SAMPLES
}

/** RFC 6716 §3.2; 0 for an impossible packet. */
function countFrames(packet: Uint8Array, code: number): number {
  const bodyBytes = packet.length - 1
  switch (code) {
    case 0:
      return bodyBytes <= MAX_FRAME_BYTES ? 1 : 0
    case 1:
      return bodyBytes % 2 === 0 && bodyBytes / 2 <= MAX_FRAME_BYTES ? 2 : 0
    case 2:
      return hasTwoFrames(packet) ? 2 : 0
    default:
      return countCode3Frames(packet)
  }
}

/** RFC 6716 §3.2.1: one byte up to 251, else two. Gives the length and its own size, null where it runs out. */
function readLength(packet: Uint8Array, offset: number): { bytes: number; size: number } | null {
  const first = packet[offset]
  if (first === undefined) return null
  if (first < 252) return { bytes: first, size: 1 }
  const second = packet[offset + 1]
  return second === undefined ? null : { bytes: second * 4 + first, size: 2 }
}

function hasTwoFrames(packet: Uint8Array): boolean {
  const first = readLength(packet, 1)
  if (!first) return false
  const secondBytes = packet.length - 1 - first.size - first.bytes
  return secondBytes >= 0 && secondBytes <= MAX_FRAME_BYTES
}

/** RFC 6716 §3.2.5. */
function countCode3Frames(packet: Uint8Array): number {
  const head = packet[1]
  if (head === undefined) return 0
  const frameCount = head & 0x3f
  const padding = head & 0x40 ? readPadding(packet) : { bytes: 0, offset: 2 }
  if (frameCount === 0 || !padding) return 0
  const bodyBytes = packet.length - padding.offset - padding.bytes
  if (bodyBytes < 0) return 0
  const fits = head & 0x80 ? variableFramesFit : constantFramesFit
  return fits(packet, { offset: padding.offset, bodyBytes, frameCount }) ? frameCount : 0
}

function readPadding(packet: Uint8Array): { bytes: number; offset: number } | null {
  let bytes = 0
  for (let offset = 2; offset < packet.length; offset++) {
    const value = packet[offset] ?? 0
    bytes += value === 255 ? 254 : value
    if (value !== 255) return { bytes, offset: offset + 1 }
  }
  return null
}

interface Body {
  offset: number
  bodyBytes: number
  frameCount: number
}

function constantFramesFit(_packet: Uint8Array, body: Body): boolean {
  return body.bodyBytes % body.frameCount === 0 && body.bodyBytes / body.frameCount <= MAX_FRAME_BYTES
}

function variableFramesFit(packet: Uint8Array, body: Body): boolean {
  let offset = body.offset
  let remaining = body.bodyBytes
  for (let frame = 0; frame < body.frameCount - 1; frame++) {
    const length = readLength(packet, offset)
    if (!length) return false
    offset += length.size
    remaining -= length.size + length.bytes
    if (remaining < 0) return false
  }
  return remaining <= MAX_FRAME_BYTES
}

/** 20 ms of digital silence, CELT fullband: what libopus makes of zeros, and what other senders fill pauses with. */
const SILENCE_SAMPLES = 960
const SILENCE_MONO = Uint8Array.of(0xf8, 0xff, 0xfe)

/** The shortest silence an Opus stream can express: 2.5 ms. */
export const SILENCE_STEP_SAMPLES = 120

interface SilencePacket {
  packet: Uint8Array
  samples: number
}

/** Six frames of 20 ms in one packet (RFC 6716 §3.2.5, constant bit rate): long pauses stay small. */
const SILENCE_OF_120_MS: SilencePacket = {
  packet: Uint8Array.of(0xfb, 0x06, ...new Array(6).fill([0xff, 0xfe]).flat()),
  samples: OPUS_MAX_PACKET_SAMPLES,
}

/** Single frames, longest first. RFC 6716 table 2, CELT fullband: configurations 31 to 28 are 20, 10, 5 and 2.5 ms. */
const SILENCE_FRAMES: readonly SilencePacket[] = [
  { packet: SILENCE_MONO, samples: SILENCE_SAMPLES },
  { packet: Uint8Array.of(0xf0, 0xff, 0xfe), samples: 480 },
  { packet: Uint8Array.of(0xe8, 0xff, 0xfe), samples: 240 },
  { packet: Uint8Array.of(0xe0, 0xff, 0xfe), samples: SILENCE_STEP_SAMPLES },
]

/** Silence packets that last exactly `samples`, a multiple of SILENCE_STEP_SAMPLES; longest first. */
export function* silencePackets(samples: number): Generator<SilencePacket> {
  let left = samples
  for (const silence of [SILENCE_OF_120_MS, ...SILENCE_FRAMES]) {
    for (; left >= silence.samples; left -= silence.samples) yield silence
  }
}
