import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { TAPE_CHUNK_MAX_BYTES } from '../../contract/limits.ts'
import type { TapeChunkHeader, TapeEnd, TapeSource as TapeSourceKind } from '../../contract/tape.ts'
import { STUDIO_RATE_HZ } from '../av/sound-block.ts'
import { SoundReader } from '../av/sound-reader.ts'

/** What the server knows of a tape. */
export interface TapeSource {
  tapeId: string
  participantId: string
  name: string
  source: TapeSourceKind
  channels: number
  deviceLabel: string
  end: TapeEnd | null
  /** As the page said at the end; null where it said nothing. */
  declaredSamples: number | null
  /** In any order. */
  chunks: readonly TapeChunkFile[]
}

export interface TapeChunkFile {
  header: TapeChunkHeader
  /** Absolute; null where it was handed over to another computer, or is missing. */
  file: string | null
}

/** A stretch of a tape's samples that can be read. */
export interface GoodChunk {
  firstSample: number
  endSample: number
  file: string
}

/** A stretch of a tape's samples that cannot be had. */
export interface LostChunk {
  firstSample: number
  endSample: number
  cause: 'chunk-missing' | 'damaged'
}

export interface CheckedTape {
  good: readonly GoodChunk[]
  lost: readonly LostChunk[]
  /** As the page declared, or the furthest that any chunk tells of. */
  expectedSamples: number
  receivedSamples: number
}

/**
 * Looks at each chunk of a tape: whether the file is what the receipt was given for, and all of its samples can be
 * decoded. A chunk that fails costs its own range. `onChunk` is called after each; what it throws ends the check.
 */
export async function checkTape(tape: TapeSource, onChunk: (samples: number) => Promise<void>): Promise<CheckedTape> {
  const good: GoodChunk[] = []
  const lost: LostChunk[] = []
  let end = 0
  for (const { header, file } of tape.chunks.toSorted((a, b) => a.header.firstSample - b.header.firstSample)) {
    const { firstSample } = header
    const endSample = firstSample + header.sampleCount
    // The server refuses what overlaps: two chunks with the same samples cannot both be true.
    if (firstSample < end) continue
    if (firstSample > end) lost.push({ firstSample: end, endSample: firstSample, cause: 'chunk-missing' })
    end = endSample
    if (file === null) lost.push({ firstSample, endSample, cause: 'chunk-missing' })
    else if (await isSound(file, header)) good.push({ firstSample, endSample, file })
    else lost.push({ firstSample, endSample, cause: 'damaged' })
    await onChunk(header.sampleCount)
  }
  const told = Math.max(end, ...tape.chunks.map(({ header }) => header.capturedSamples))
  const expectedSamples = Math.max(end, tape.declaredSamples ?? told)
  if (expectedSamples > end) lost.push({ firstSample: end, endSample: expectedSamples, cause: 'chunk-missing' })
  const receivedSamples = good.reduce((sum, chunk) => sum + chunk.endSample - chunk.firstSample, 0)
  return { good, lost, expectedSamples, receivedSamples }
}

async function isSound(file: string, header: TapeChunkHeader): Promise<boolean> {
  try {
    if ((await stat(file)).size > TAPE_CHUNK_MAX_BYTES) return false
    const sha256 = createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
    if (sha256 !== header.sha256) return false
    using reader = openChunk(file)
    // Not one sample more is decoded: the frames behind them may be a bomb.
    return reader.skip(header.sampleCount) === header.sampleCount
  } catch {
    return false
  }
}

/** @throws where the file is not FLAC of 48 kHz with one channel or two. */
export function openChunk(file: string): SoundReader {
  const reader = new SoundReader(file, { formats: 'flac' })
  if (reader.sampleRateHz === STUDIO_RATE_HZ && (reader.channels === 1 || reader.channels === 2)) return reader
  reader.close()
  throw new Error('a chunk has another rate or more channels than a tape may have')
}
