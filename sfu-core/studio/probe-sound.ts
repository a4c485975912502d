import { Refusal } from '../contract/reasons.ts'
import { blockLength } from './av/sound-block.ts'
import { SoundReader } from './av/sound-reader.ts'
import { breathe, type StudioJobOptions } from './studio-job.ts'

export interface ProbeInput {
  /** Absolute. */
  file: string
  lengthMaxMs: number
}

/** Between two looks at what has come meanwhile: about a second of a stereo file at 48 kHz. */
const BLOCKS_AT_ONCE = 50

/**
 * How long the sound of a foreign file is, by decoding all of it: a header may lie.
 * @throws Refusal `sound-unusable` where it cannot be decoded to its end, holds no sound, or more than may be.
 */
export async function probeSound(
  { file, lengthMaxMs }: ProbeInput,
  { signal }: StudioJobOptions,
): Promise<{ lengthMs: number }> {
  using reader = open(file)
  const samplesMax = (lengthMaxMs / 1_000) * reader.sampleRateHz
  let samples = 0
  for (let blocks = 1; ; blocks++) {
    const read = readSome(reader)
    samples += read
    if (samples > samplesMax) throw new Refusal('sound-unusable', 'The sound is too long.')
    if (read === 0) break
    if (blocks % BLOCKS_AT_ONCE === 0) await breathe(signal)
  }
  if (samples === 0) throw new Refusal('sound-unusable', 'There is no sound in the file.')
  return { lengthMs: (samples / reader.sampleRateHz) * 1_000 }
}

function open(file: string): SoundReader {
  try {
    return new SoundReader(file)
  } catch (error) {
    throw unusable(error)
  }
}

/** 0 at the end. */
function readSome(reader: SoundReader): number {
  try {
    const block = reader.read()
    return block === null ? 0 : blockLength(block)
  } catch (error) {
    throw unusable(error)
  }
}

function unusable(error: unknown): Refusal {
  return new Refusal('sound-unusable', error instanceof Error ? error.message : 'The file cannot be decoded.')
}
