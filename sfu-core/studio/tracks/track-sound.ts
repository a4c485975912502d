import { createBlock, type SoundBlock, sliceBlock } from '../av/sound-block.ts'
import { SoundReader } from '../av/sound-reader.ts'
import type { Interval } from '../mix/intervals.ts'
import { applyMutes } from '../mix/mutes.ts'
import { type Segment, Splicer } from '../mix/segments.ts'

const BLOCK_SAMPLES = 48_000

export interface TrackSoundOptions {
  file: string
  channels: number
  /** Of the track; what is asked for beyond it is silence. */
  lengthSamples: number
  segments: readonly Segment[]
  /** In samples of the take. */
  mutes: readonly Interval[]
  /** Whether the whole begins and ends softly. */
  fadesEdges: boolean
}

/**
 * A track as it was recorded, but for what is cut or muted: sample for sample. Blocks are valid until the next.
 * @throws FFmpegError where the file is damaged; Error where it is too short.
 */
export function* trackSound(options: TrackSoundOptions): Generator<SoundBlock> {
  const { file, channels, segments, mutes, lengthSamples, fadesEdges } = options
  using reader = new SoundReader(file, { formats: 'flac' })
  const splicer = new Splicer(segments, { channels, fadesEdges })
  const memory = createBlock(channels, BLOCK_SAMPLES)
  let readPosition = 0
  for (const { from, to } of segments) {
    if (from !== readPosition && from < lengthSamples) reader.seek(from)
    for (let at = from; at < to; at += BLOCK_SAMPLES) {
      const block = sliceBlock(memory, 0, Math.min(BLOCK_SAMPLES, to - at))
      fill(reader, block, lengthSamples - at)
      applyMutes(block, mutes, at)
      yield* splicer.push(block)
    }
    readPosition = to
  }
}

/** `left`: samples that the track still has. */
function fill(reader: SoundReader, block: SoundBlock, left: number): void {
  const wanted = Math.max(0, Math.min(block[0]?.length ?? 0, left))
  for (const samples of block) samples.fill(0, wanted)
  if (wanted > 0 && reader.readInto(block, 0, wanted) < wanted) {
    throw new Error('the file is shorter than the take report says')
  }
}
