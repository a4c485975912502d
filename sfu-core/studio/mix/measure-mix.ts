import type { MixFacts } from '../../contract/render.ts'
import { STUDIO_RATE_HZ } from '../av/sound-block.ts'
import { clamp, toDb } from './decibels.ts'
import { ABSOLUTE_GATE_LUFS, gatedLufs } from './loudness.ts'
import { type MeasuredPart, PART_OVERLAP_S } from './measure-file.ts'
import type { MixThreads } from './mix-threads.ts'

/** What is told of silence: -Infinity is no number in JSON. */
const SILENCE_DBTP = -120
/** Shorter files are not worth two threads. */
const PARTS_FROM_S = 60
/** The blocks of 100 ms by which FFmpeg measures: a part must begin at one. */
const STEP_SAMPLES = STUDIO_RATE_HZ / 10

/** A file's loudness and true peak by FFmpeg's ebur128, part by part in all threads. `lengthSamples`: of the file, at 48 kHz. */
export async function measureMix(threads: MixThreads, file: string, lengthSamples: number): Promise<MixFacts> {
  const count = lengthSamples > PARTS_FROM_S * STUDIO_RATE_HZ ? threads.count : 1
  const step = Math.ceil(lengthSamples / count / STEP_SAMPLES) * STEP_SAMPLES
  const parts = await Promise.all(
    Array.from({ length: count }, async (_, index): Promise<MeasuredPart> => {
      const from = Math.max(0, index * step - PART_OVERLAP_S * STUDIO_RATE_HZ)
      const to = index === count - 1 ? Number.POSITIVE_INFINITY : (index + 1) * step
      const result = await threads.call(index, { do: 'measure', file, range: { from, to } })
      if (result.did !== 'measure') throw new Error('a thread answered something else')
      return result.part
    }),
  )
  const lufs = gatedLufs(parts.flatMap(({ blocks }) => [...blocks]))
  const peakDbtp = toDb(Math.max(...parts.map(({ truePeak }) => truePeak)))
  return {
    integratedLufs: round(Math.max(ABSOLUTE_GATE_LUFS, lufs)),
    truePeakDbtp: round(clamp(peakDbtp, SILENCE_DBTP, 100)),
    lengthMs: round((lengthSamples / STUDIO_RATE_HZ) * 1_000),
  }
}

const round = (value: number) => Number(value.toFixed(2))
