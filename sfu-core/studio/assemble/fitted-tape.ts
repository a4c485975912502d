import { tapeIdSchema } from '../../contract/ids.ts'
import type { TapeReport } from '../../contract/take-report.ts'
import { fitTape, type TapeFit } from '../../contract/tape-timeline.ts'
import type { Interval } from './intervals.ts'
import { type LaidTape, layTape } from './lay-tape.ts'
import type { CheckedTape, TapeSource } from './tape-chunks.ts'

/** A tape that was looked at, and where it lies. */
export interface FittedTape {
  source: TapeSource
  checked: CheckedTape
  fit: TapeFit
  laid: LaidTape
}

const SAMPLES_PER_MS = 48

/**
 * Sets a tape on the take's clock. A tape whose page never heard of that clock is put where its speaker's time begins:
 * its sound is there, only its place is a guess, and the report's clock error says so. Null where nothing was captured.
 */
export function fitChecked(
  source: TapeSource,
  checked: CheckedTape,
  speakerTime: readonly Interval[],
): FittedTape | null {
  if (checked.receivedSamples === 0) return null
  const headers = source.chunks.map(({ header }) => header).sort((a, b) => a.firstSample - b.firstSample)
  const fit = fitTape({
    marks: headers.flatMap((header) => header.marks),
    syncs: headers.flatMap((header) => header.syncs),
    notes: headers.flatMap((header) => header.notes),
    sampleCount: checked.expectedSamples,
  })
  const placed = fit ?? guessed(checked.expectedSamples, (speakerTime[0]?.from ?? 0) / SAMPLES_PER_MS)
  return { source, checked, fit: placed, laid: layTape(placed, checked) }
}

function guessed(sampleCount: number, beginMs: number): TapeFit {
  const lengthMs = sampleCount / SAMPLES_PER_MS
  const knots = [
    [0, beginMs],
    [sampleCount, beginMs + lengthMs],
  ] as const
  const piece = { firstSample: 0, endSample: sampleCount, knots, isExact: true }
  return { pieces: [piece], stalls: [], driftPpm: 0, clockErrorMs: lengthMs }
}

export function tapeReport({ source, checked, fit, laid }: FittedTape): TapeReport {
  return {
    tapeId: tapeIdSchema.parse(source.tapeId),
    source: source.source,
    deviceLabel: source.deviceLabel,
    fromMs: toMs(laid.pieces[0]?.from ?? 0),
    toMs: toMs(laid.pieces.at(-1)?.to ?? 0),
    driftPpm: fit.driftPpm,
    expectedSamples: checked.expectedSamples,
    receivedSamples: checked.receivedSamples,
    chunks: checked.good.length,
    clockErrorMs: fit.clockErrorMs,
  }
}

/** To the microsecond: enough for a sample, and short in JSON. */
export function toMs(samples: number): number {
  return Math.round((samples / SAMPLES_PER_MS) * 1_000) / 1_000
}
