import { createHash } from 'node:crypto'
import libflac from 'libflacjs'
import { TAPE_BITS_PER_SAMPLE, TAPE_SAMPLE_RATE_HZ } from '../../sfu-core/contract/tape.ts'

/** Real FLAC files for tests, made by libFLAC as the page makes them. */

const Flac = libflac('min')
const LEVEL = 5

const ready = new Promise<void>((resolve) => {
  if (Flac.isReady()) resolve()
  else Flac.onready = () => resolve()
})

export interface FlacOptions {
  channels?: number
  sampleRateHz?: number
  bitsPerSample?: number
  /** As STREAMINFO says it; else the true number. */
  declaredSamples?: number
  /** Other sound for another number. */
  seed?: number
}

/** A tone with some noise over it, the same for the same seed. */
export async function encodeFlac(sampleCount: number, options: FlacOptions = {}): Promise<Buffer> {
  await ready
  const { channels = 1, sampleRateHz = TAPE_SAMPLE_RATE_HZ, bitsPerSample = TAPE_BITS_PER_SAMPLE } = options
  const { declaredSamples = sampleCount, seed = 1 } = options
  const encoder = Flac.create_libflac_encoder(sampleRateHz, channels, bitsPerSample, LEVEL, declaredSamples, false)
  const parts: Uint8Array[] = []
  Flac.init_encoder_stream(encoder, (part) => void parts.push(part.slice()))
  const sound = soundOf(sampleCount, { seed, bitsPerSample })
  const all = Array.from({ length: channels }, () => sound)
  const isMade = Flac.FLAC__stream_encoder_process(encoder, all, sampleCount)
  Flac.FLAC__stream_encoder_finish(encoder)
  Flac.FLAC__stream_encoder_delete(encoder)
  if (!isMade) throw new Error('libFLAC refused')
  return Buffer.concat(parts)
}

function soundOf(sampleCount: number, { seed, bitsPerSample }: { seed: number; bitsPerSample: number }) {
  let state = seed * 2_654_435_761
  const scale = 2 ** (bitsPerSample - 1)
  return new Int32Array(sampleCount).map((_, i) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return Math.round(scale * (0.2 * Math.sin((i * seed) / 37) + 0.01 * (state / 2 ** 31)))
  })
}

export function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
