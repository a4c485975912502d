import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Encoder } from 'node-av/api'
import { AV_CHANNEL_LAYOUT_MONO, AV_SAMPLE_FMT_S16, FF_ENCODER_LIBOPUS } from 'node-av/constants'
import { Frame } from 'node-av/lib'
import { decodeFile } from '../../audio/decode.ts'
import { repositoryRoot } from '../../paths.ts'
import { BENCH_CACHE } from './native.ts'

const CLIP = path.join(repositoryRoot, 'build/e2e/clips/host.wav')
const RATE_HZ = 48_000
const FRAME_SAMPLES = 960
/** What Chromium's microphones send for speech: 32 kb/s, about 80 bytes a packet of 20 ms. */
const BITRATE = 32_000
const LOUD = 0.9

/**
 * Real speech as Opus packets of 20 ms, for the load generator: each after its length (16 bits, little-endian).
 * Encoded once and kept. Answers the file.
 */
export async function speechPackets(): Promise<string> {
  const file = path.join(BENCH_CACHE, `speech-${BITRATE}.packets`)
  if (existsSync(file)) return file
  await mkdir(BENCH_CACHE, { recursive: true })
  const parts = (await encodeClip()).flatMap((packet) => {
    const length = Buffer.alloc(2)
    length.writeUInt16LE(packet.length)
    return [length, packet]
  })
  const fresh = `${file}.${process.pid}`
  await writeFile(fresh, Buffer.concat(parts))
  await rename(fresh, file)
  return file
}

async function encodeClip(): Promise<Buffer[]> {
  const { samples } = await decodeFile(CLIP)
  const pcm = Int16Array.from(samples, (sample) => Math.max(-1, Math.min(1, sample)) * LOUD * 0x7fff)
  using encoder = await Encoder.create(FF_ENCODER_LIBOPUS, { bitrate: BITRATE, options: { application: 'voip' } })
  const packets: Buffer[] = []
  for (let at = 0; at + FRAME_SAMPLES <= pcm.length; at += FRAME_SAMPLES) {
    using frame = Frame.fromAudioBuffer(Buffer.from(pcm.buffer, at * 2, FRAME_SAMPLES * 2), {
      sampleRate: RATE_HZ,
      nbSamples: FRAME_SAMPLES,
      format: AV_SAMPLE_FMT_S16,
      channelLayout: AV_CHANNEL_LAYOUT_MONO,
      pts: BigInt(at),
      timeBase: { num: 1, den: RATE_HZ },
    })
    for (const packet of await encoder.encodeAll(frame)) packets.push(Buffer.from(packet.data ?? []))
  }
  return packets
}
