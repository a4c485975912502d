import { describe, expect, it } from 'vitest'
import { blockLength, type SoundBlock } from '../av/sound-block.ts'
import { readSamples, type Segment, Splicer, segmentsOf, splicedSamples } from './segments.ts'

/** The take is a ramp, so that each sample tells its place. */
function spliced(segments: readonly Segment[], blockSamples: number): number[] {
  const splicer = new Splicer(segments, { channels: 1, fadesEdges: false })
  const read = segments.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i))
  const parts: SoundBlock[] = []
  for (let at = 0; at < read.length; at += blockSamples) {
    parts.push(
      ...splicer
        .push([Float32Array.from(read.slice(at, at + blockSamples))])
        .map((part) => part.map((samples) => samples.slice())),
    )
  }
  expect(parts.every((part) => blockLength(part) > 0)).toBe(true)
  return parts.flatMap(([samples]) => [...(samples ?? [])])
}

const KEPT = [
  { fromMs: 100, toMs: 300 },
  { fromMs: 400, toMs: 405 },
  { fromMs: 600, toMs: 900 },
]

describe('splicing', () => {
  it.each([1, 7, 480, 1_000, 100_000])(
    'in blocks of %i gives what is kept, sample for sample but at the cuts',
    (blockSamples) => {
      const segments = segmentsOf(KEPT)
      const sound = spliced(segments, blockSamples)
      const expected = KEPT.flatMap(({ fromMs, toMs }) =>
        Array.from({ length: (toMs - fromMs) * 48 }, (_, i) => fromMs * 48 + i),
      )
      expect(sound).toHaveLength(expected.length)
      expect(splicedSamples(segments)).toBe(expected.length)
      expect(readSamples(segments)).toBe(expected.length + 4 * 120)
      const cuts = [200 * 48, 205 * 48]
      for (const [i, sample] of sound.entries()) {
        // The piece of 5 ms allows fades of 5 ms.
        if (cuts.every((cut) => Math.abs(i - cut) > 120)) expect(sample).toBe(expected[i])
      }
    },
  )

  it('of one piece changes nothing', () => {
    expect(spliced(segmentsOf([{ fromMs: 5, toMs: 10 }]), 33)).toEqual(Array.from({ length: 240 }, (_, i) => 240 + i))
  })

  it('knows no segment for nothing', () => {
    expect(segmentsOf([])).toEqual([])
    expect(splicedSamples([])).toBe(0)
  })
})
