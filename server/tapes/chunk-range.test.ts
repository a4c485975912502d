import { describe, expect, it } from 'vitest'
import { TAPE_CHUNK_MAX_SAMPLES_COUNT } from '../../sfu-core/contract/limits.ts'
import { TAPE_MAX_CHUNKS, TAPE_MAX_SAMPLES } from '../limits.ts'
import { assertFits, type Surroundings } from './chunk-range.ts'
import type { ChunkRange } from './tape-record.ts'

const range = (index: number, firstSample: number, sampleCount = 100): ChunkRange => ({
  index,
  firstSample,
  sampleCount,
})
const NOTHING: Surroundings = { before: null, after: null, declared: null }
const declared = (chunkCount: number, sampleCount: number) => ({ end: 'left' as const, chunkCount, sampleCount })

function fits(chunk: ChunkRange, around: Partial<Surroundings> = {}): boolean {
  try {
    assertFits(chunk, { ...NOTHING, ...around })
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'chunk-conflict' })
    return false
  }
}

describe('a chunk fits', () => {
  it.each<[string, ChunkRange, Partial<Surroundings>]>([
    ['first of all', range(0, 0), {}],
    ['right behind', range(1, 100), { before: range(0, 0) }],
    ['into a hole', range(1, 100), { before: range(0, 0), after: range(2, 200) }],
    ['behind a hole', range(2, 700), { before: range(0, 0) }],
    ['before everything that is here', range(3, 350), { after: range(4, 450) }],
    ['as the last', range(1, 100), { before: range(0, 0), declared: declared(2, 200) }],
  ])('%s', (_name, chunk, around) => {
    expect(fits(chunk, around)).toBe(true)
  })
})

describe('a chunk does not fit', () => {
  it.each<[string, ChunkRange, Partial<Surroundings>]>([
    ['that is first and does not begin at 0', range(0, 1), {}],
    ['that overlaps the one before', range(1, 99), { before: range(0, 0) }],
    ['that leaves samples out', range(1, 101), { before: range(0, 0) }],
    ['that overlaps the one behind', range(1, 100, 101), { before: range(0, 0), after: range(2, 200) }],
    ['that does not reach the one behind', range(1, 100, 99), { before: range(0, 0), after: range(2, 200) }],
    ['with no room for the missing ones before', range(2, 100), { before: range(0, 0) }],
    [
      'with more before than the missing ones can hold',
      range(2, 101 + TAPE_CHUNK_MAX_SAMPLES_COUNT),
      { before: range(0, 0) },
    ],
    ['far behind the beginning', range(1, 1e12), {}],
    ['with no room for those before it', range(3, 2), {}],
    ['with an absurd index', range(TAPE_MAX_CHUNKS, TAPE_MAX_CHUNKS * 100), {}],
    ['with absurdly many samples', range(90_000, TAPE_MAX_SAMPLES), {}],
    ['behind the end', range(2, 200), { before: range(1, 100), declared: declared(2, 200) }],
    ['beyond the end', range(1, 100, 101), { before: range(0, 0), declared: declared(2, 200) }],
    ['short of the end', range(1, 100, 99), { before: range(0, 0), declared: declared(2, 200) }],
  ])('%s', (_name, chunk, around) => {
    expect(fits(chunk, around)).toBe(false)
  })
})
