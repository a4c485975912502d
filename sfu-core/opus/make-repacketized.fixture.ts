/**
 * Makes repacketized.fixture.json anew: `node --experimental-ffi sfu-core/opus/make-repacketized.fixture.ts SPEECH.wav`, where
 * SPEECH.wav is 16 bits mono at 24 kHz. Needs libopus as a shared library: what its repacketizer makes of the packets is what
 * ours must make.
 */
import { createHash } from 'node:crypto'
import { dlopen, suffix } from 'node:ffi'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { Encoder } from 'node-av/api'
import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_SAMPLE_FMT_S16,
  FF_ENCODER_LIBOPUS,
} from 'node-av/constants'
import { Frame } from 'node-av/lib'

const FRAME_SAMPLES = 960
const PACKETS = 12
const SKIPPED_PACKETS = 30
const WAV_HEADER_BYTES = 44
const OUTPUT_MAX_BYTES = 1_276 * 48

interface Mode {
  name: string
  channels: 1 | 2
  bitrate: number
  application: 'voip' | 'audio' | 'lowdelay'
  vbr: 'on' | 'off'
}

const MODES: Mode[] = [
  { name: 'SILK narrowband mono VBR', channels: 1, bitrate: 7_000, application: 'voip', vbr: 'on' },
  { name: 'SILK wideband mono VBR', channels: 1, bitrate: 11_000, application: 'voip', vbr: 'on' },
  { name: 'SILK mono CBR', channels: 1, bitrate: 14_000, application: 'voip', vbr: 'off' },
  { name: 'hybrid stereo VBR', channels: 2, bitrate: 14_000, application: 'voip', vbr: 'on' },
  { name: 'hybrid mono VBR', channels: 1, bitrate: 32_000, application: 'voip', vbr: 'on' },
  { name: 'hybrid mono CBR', channels: 1, bitrate: 32_000, application: 'voip', vbr: 'off' },
  { name: 'CELT mono VBR', channels: 1, bitrate: 64_000, application: 'lowdelay', vbr: 'on' },
  { name: 'CELT mono CBR', channels: 1, bitrate: 64_000, application: 'lowdelay', vbr: 'off' },
  { name: 'CELT stereo VBR', channels: 2, bitrate: 72_000, application: 'audio', vbr: 'on' },
]

async function encode(mono: Int16Array, mode: Mode): Promise<Buffer[]> {
  const { channels, bitrate, application, vbr } = mode
  using encoder = await Encoder.create(FF_ENCODER_LIBOPUS, { bitrate, options: { application, vbr } })
  const packets: Buffer[] = []
  for (let at = 0; packets.length < SKIPPED_PACKETS + PACKETS; at += FRAME_SAMPLES) {
    // The right ear hears it half as loud: stereo that is more than mono twice.
    const samples = Int16Array.from({ length: FRAME_SAMPLES * channels }, (_, i) => {
      const sample = mono[at + Math.floor(i / channels)] ?? 0
      return i % channels === 0 ? sample : sample >> 1
    })
    using frame = Frame.fromAudioBuffer(Buffer.from(samples.buffer), {
      sampleRate: 48_000,
      nbSamples: FRAME_SAMPLES,
      format: AV_SAMPLE_FMT_S16,
      channelLayout: channels === 1 ? AV_CHANNEL_LAYOUT_MONO : AV_CHANNEL_LAYOUT_STEREO,
      pts: BigInt(at),
      timeBase: { num: 1, den: 48_000 },
    })
    for (const packet of await encoder.encodeAll(frame)) packets.push(Buffer.from(packet.data ?? []))
  }
  return packets.slice(SKIPPED_PACKETS)
}

const { functions: opus } = dlopen(`libopus.${suffix}.0`, {
  opus_repacketizer_create: { arguments: [], return: 'pointer' },
  opus_repacketizer_init: { arguments: ['pointer'], return: 'pointer' },
  opus_repacketizer_cat: { arguments: ['pointer', 'buffer', 'i32'], return: 'i32' },
  opus_repacketizer_out: { arguments: ['pointer', 'buffer', 'i32'], return: 'i32' },
})
const repacketizer = opus.opus_repacketizer_create()

function libopusMerges(packets: Buffer[]): Buffer {
  opus.opus_repacketizer_init(repacketizer)
  // libopus keeps pointers into what it is given until `out`: copies that `packets` keeps alive.
  for (const packet of packets) {
    if (opus.opus_repacketizer_cat(repacketizer, packet, packet.length) !== 0) throw new Error('not of one mode')
  }
  const output = Buffer.alloc(OUTPUT_MAX_BYTES)
  const lengthBytes = opus.opus_repacketizer_out(repacketizer, output, output.length)
  if (lengthBytes <= 0) throw new Error(`libopus: ${lengthBytes}`)
  return output.subarray(0, lengthBytes)
}

function upsampled(wav: Buffer): Int16Array {
  const bytes = wav.subarray(WAV_HEADER_BYTES)
  const at24 = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)))
  return Int16Array.from({ length: at24.length * 2 }, (_, i) => {
    const here = at24[i >> 1] ?? 0
    return i % 2 === 0 ? here : (here + (at24[(i >> 1) + 1] ?? 0)) >> 1
  })
}

const speech = upsampled(readFileSync(process.argv[2] ?? ''))
const modes = []
for (const mode of MODES) {
  const packets = await encode(speech, mode)
  const mergedSha256: Record<string, string[]> = {}
  for (const count of [1, 2, 3, 6]) {
    mergedSha256[count] = []
    for (let from = 0; from + count <= packets.length; from += count) {
      const merged = libopusMerges(packets.slice(from, from + count))
      mergedSha256[count].push(createHash('sha256').update(merged).digest('base64'))
    }
  }
  const { name, channels } = mode
  modes.push({ name, channels, packets: packets.map((packet) => packet.toString('base64')), mergedSha256 })
}
const file = join(import.meta.dirname, 'repacketized.fixture.json')
writeFileSync(file, `${JSON.stringify({ modes }, null, 2)}\n`)
