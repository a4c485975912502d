import { OPUS_MAX_PACKET_SAMPLES, OpusFrames, splitOpusPacket } from './frames.ts'

/** Opus packets as far as their outside tells (RFC 6716 §3). Nothing here decodes. */

interface OpusPacketInfo {
  /** At 48 kHz. */
  frameSamples: number
  frameCount: number
  /** At 48 kHz, all frames together. */
  packetSamples: number
  isStereo: boolean
}

const scratch = new OpusFrames()

/** Null for what is not a well-formed Opus packet by RFC 6716 §3.4, as far as lengths tell. */
export function parseOpusPacket(packet: Uint8Array): OpusPacketInfo | null {
  if (!splitOpusPacket(packet, scratch)) return null
  const { frameSamples, count: frameCount, packetSamples, isStereo } = scratch
  return { frameSamples, frameCount, packetSamples, isStereo }
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
