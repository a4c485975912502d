import { TAPE_CHUNK_MAX_SAMPLES_COUNT } from '../../sfu-core/contract/limits.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { TAPE_MAX_CHUNKS, TAPE_MAX_SAMPLES } from '../limits.ts'
import type { ChunkRange, TapeDeclared } from './tape-record.ts'

/** What is known of a tape around a chunk's place. */
export interface Surroundings {
  /** The nearest chunks on both sides that are here. */
  before: ChunkRange | null
  after: ChunkRange | null
  declared: TapeDeclared | null
}

/** Before the first chunk. */
const BEGINNING: ChunkRange = { index: -1, firstSample: 0, sampleCount: 0 }

/**
 * A tape's chunks follow each other without a hole in the count: where a neighbour is here, it says where this one must begin
 * or end; where some are still missing between, they must fit in between.
 * @throws Refusal `chunk-conflict`.
 */
export function assertFits(range: ChunkRange, { before, after, declared }: Surroundings): void {
  if (range.index >= TAPE_MAX_CHUNKS || endOf(range) > TAPE_MAX_SAMPLES) throw conflict('no tape is so long')
  assertFollows(before ?? BEGINNING, range)
  if (after !== null) assertFollows(range, after)
  if (declared === null) return
  const rest = { index: declared.chunkCount, firstSample: declared.sampleCount, sampleCount: 0 }
  if (range.index >= declared.chunkCount) throw conflict('the tape was said to end before')
  assertFollows(range, rest)
}

function assertFollows(first: ChunkRange, second: ChunkRange): void {
  const missingChunks = second.index - first.index - 1
  const missingSamples = second.firstSample - endOf(first)
  const fits = missingSamples >= missingChunks && missingSamples <= missingChunks * TAPE_CHUNK_MAX_SAMPLES_COUNT
  if (!fits) throw conflict('its samples do not fit between its neighbours')
}

function endOf({ firstSample, sampleCount }: ChunkRange): number {
  return firstSample + sampleCount
}

function conflict(why: string): Refusal {
  return new Refusal('chunk-conflict', `The chunk cannot be of this tape: ${why}.`)
}
