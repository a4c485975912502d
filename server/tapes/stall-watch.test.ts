import { describe, expect, it } from 'vitest'
import type { ClockSync, TapeChunkHeader } from '../../sfu-core/contract/tape.ts'
import { heavyTail, type SimulatedTape, simulateTape } from '../../sfu-core/contract/timeline/simulated-tape.fixture.ts'
import { TAPE_SYNCS_KEPT } from '../limits.ts'
import { NO_STALLS, type StallWatch, watched } from './stall-watch.ts'

const CHUNK_SAMPLES = 4 * 48_000

/** A simulated tape, chunk by chunk. */
function watch(tape: SimulatedTape): StallWatch {
  const { marks, syncs, notes, sampleCount } = simulateTape(tape)
  let [stalls, kept]: [StallWatch, ClockSync[]] = [NO_STALLS, []]
  let toldMs = Number.NEGATIVE_INFINITY
  for (let index = 0; index * CHUNK_SAMPLES < sampleCount; index++) {
    const firstSample = index * CHUNK_SAMPLES
    const endSample = Math.min(sampleCount, firstSample + CHUNK_SAMPLES)
    const inChunk = (sample: number) => sample > firstSample && sample <= endSample
    const own = marks.filter(([sample]) => inChunk(sample))
    const nowMs = own.at(-1)?.[1] ?? toldMs
    kept = [...kept, ...syncs.filter((sync) => sync.monotonicMs > toldMs && sync.monotonicMs <= nowMs)].slice(
      -TAPE_SYNCS_KEPT,
    )
    toldMs = nowMs
    const header: TapeChunkHeader = {
      index,
      firstSample,
      sampleCount: endSample - firstSample,
      sha256: '',
      marks: own,
      syncs: [],
      notes: notes.filter((note) => inChunk(note.sample)),
      capturedSamples: endSample,
    }
    stalls = watched(stalls, header, kept)
  }
  return stalls
}

const header: TapeChunkHeader = {
  index: 0,
  firstSample: 0,
  sampleCount: CHUNK_SAMPLES,
  sha256: '',
  marks: [],
  syncs: [],
  notes: [],
  capturedSamples: CHUNK_SAMPLES,
}

it.each([1e11, 1e15, 1e308, -1e308])('clocks that a page made up (%d ms) cost the server nothing', (madeUpMs) => {
  const syncs = [0, madeUpMs].map((ms) => ({ monotonicMs: ms, takeMs: ms, roundTripMs: 1 }))
  const marks = Array.from({ length: 32 }, (_, i): [number, number] => [i * 6_000, i % 2 === 0 ? i : madeUpMs])
  const startedAtMs = performance.now()
  for (const [someMarks, someSyncs] of [
    [marks, syncs],
    [marks, syncs.slice(0, 1)],
    [[], syncs],
  ] as const) {
    expect(watched(NO_STALLS, { ...header, marks: [...someMarks] }, someSyncs)).toMatchObject({ stallCount: 0 })
  }
  expect(performance.now() - startedAtMs).toBeLessThan(500)
})

const STALLS = [0.3, 3, 18].map((lengthS, i) => ({ atS: 100 + i * 130, lengthS }))

describe('stalls are found as the tape grows', () => {
  it.each([-200, 0, 200])('with a sound card that is %i ppm off', (cardPpm) => {
    const { stallCount, stallMs } = watch({ lengthS: 600, cardPpm, stalls: STALLS })
    expect(stallCount).toBe(3)
    expect(Math.abs(stallMs - 21_300)).toBeLessThan(100)
  })

  it('on a busy computer', () => {
    for (const seed of [1, 2, 3]) {
      const tape = { lengthS: 600, cardPpm: 80, stalls: STALLS, jitterMs: heavyTail, seed }
      const { stallCount, stallMs } = watch(tape)
      expect(stallCount).toBe(3)
      expect(Math.abs(stallMs - 21_300)).toBeLessThan(300)
    }
  })

  it('and where there are none, none is', () => {
    for (const seed of [1, 2, 3]) {
      const tape = { lengthS: 1_200, cardPpm: -150, jitterMs: heavyTail, roundTripMs: heavyTail, seed }
      expect(watch(tape)).toMatchObject({ stallCount: 0, stallMs: 0 })
    }
  })
})
