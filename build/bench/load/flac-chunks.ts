import { createHash } from 'node:crypto'
import path from 'node:path'
import libflac from 'libflacjs'
import { TAPE_CHUNK_MS } from '../../../sfu-core/contract/limits.ts'
import { TAPE_BITS_PER_SAMPLE, TAPE_SAMPLE_RATE_HZ } from '../../../sfu-core/contract/tape.ts'
import { decodeFile } from '../../audio/decode.ts'
import { repositoryRoot } from '../../paths.ts'

const CLIP = path.join(repositoryRoot, 'build/e2e/clips/host.wav')
export const CHUNK_SAMPLES = (TAPE_CHUNK_MS / 1_000) * TAPE_SAMPLE_RATE_HZ
const FULL_SCALE = 2 ** (TAPE_BITS_PER_SAMPLE - 1)
/** What a quiet room adds to a good microphone; the clip alone has 16 bits and would be smaller than the real thing. */
const ROOM_NOISE = 10 ** (-75 / 20)
/** As the page encodes. */
const LEVEL = 5

export interface FlacChunk {
  flac: Buffer
  /** Hexadecimal. */
  sha256: string
}

/** Speech in chunks as a page sends them: `count` of them, the clip again and again. */
export async function speechChunks(count: number): Promise<FlacChunk[]> {
  const { samples } = await decodeFile(CLIP)
  const encode = await flacEncoder()
  return Array.from({ length: count }, (_, index) => {
    const sound = new Int32Array(CHUNK_SAMPLES).map((_sample, i) => {
      const speech = samples[(index * CHUNK_SAMPLES + i) % samples.length] ?? 0
      const noisy = speech + ROOM_NOISE * (Math.random() - Math.random())
      return Math.round(Math.max(-1, Math.min(1, noisy)) * (FULL_SCALE - 1))
    })
    const flac = encode(sound)
    return { flac, sha256: createHash('sha256').update(flac).digest('hex') }
  })
}

async function flacEncoder() {
  const Flac = libflac('min')
  if (!Flac.isReady()) await new Promise<void>((resolve) => (Flac.onready = () => resolve()))
  return (sound: Int32Array<ArrayBuffer>): Buffer => {
    const bits = TAPE_BITS_PER_SAMPLE
    const encoder = Flac.create_libflac_encoder(TAPE_SAMPLE_RATE_HZ, 1, bits, LEVEL, sound.length, false)
    const parts: Uint8Array[] = []
    Flac.init_encoder_stream(encoder, (part) => void parts.push(part.slice()))
    Flac.FLAC__stream_encoder_process(encoder, [sound], sound.length)
    Flac.FLAC__stream_encoder_finish(encoder)
    Flac.FLAC__stream_encoder_delete(encoder)
    return Buffer.concat(parts)
  }
}
