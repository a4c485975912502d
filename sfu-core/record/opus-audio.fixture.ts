import { Decoder, Demuxer, Encoder } from 'node-av/api'
import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_SAMPLE_FMT_S16,
  FF_DECODER_LIBOPUS,
  FF_ENCODER_LIBOPUS,
} from 'node-av/constants'
import { Frame } from 'node-av/lib'

/** Real Opus packets and what FFmpeg (libopus) makes of files, for tests. */
const RATE_HZ = 48_000
const FRAME_SAMPLES = 960

/** Packets of 20 ms each that say `pcm` (16 bits, mono or interleaved stereo). */
export async function encodeOpus(pcm: Int16Array, channels: 1 | 2 = 1): Promise<Buffer[]> {
  using encoder = await Encoder.create(FF_ENCODER_LIBOPUS, { bitrate: 48_000, options: { application: 'voip' } })
  const packets: Buffer[] = []
  const step = FRAME_SAMPLES * channels
  for (let at = 0; at + step <= pcm.length; at += step) {
    const samples = pcm.subarray(at, at + step)
    using frame = Frame.fromAudioBuffer(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength), {
      sampleRate: RATE_HZ,
      nbSamples: FRAME_SAMPLES,
      format: AV_SAMPLE_FMT_S16,
      channelLayout: channels === 1 ? AV_CHANNEL_LAYOUT_MONO : AV_CHANNEL_LAYOUT_STEREO,
      pts: BigInt(at / channels),
      timeBase: { num: 1, den: RATE_HZ },
    })
    for (const packet of await encoder.encodeAll(frame)) packets.push(Buffer.from(packet.data ?? []))
  }
  return packets
}

interface DecodedFile {
  channels: number
  /** First channel. */
  samples: Int16Array
  errors: number
}

/** The file as a player plays it: pre-skip and end trimmed. */
export async function decodeFile(path: string): Promise<DecodedFile> {
  await using input = await Demuxer.open(path)
  const stream = input.audio()
  if (!stream) throw new Error('no audio stream')
  using decoder = await Decoder.create(stream, FF_DECODER_LIBOPUS)
  const parts: Int16Array[] = []
  let channels = 0
  for await (const frame of decoder.frames(input.packets(stream.index))) {
    if (!frame) continue
    channels = frame.channelLayout.nbChannels
    const data = frame.toBuffer()
    const all = new Int16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength))
    parts.push(all.filter((_, i) => i % channels === 0))
    frame.free()
  }
  const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    samples.set(part, at)
    at += part.length
  }
  return { channels, samples, errors: 0 }
}
