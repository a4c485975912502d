import type { TakeGap } from '../../sfu-core/contract/take-report.ts'
import type { ClockVoice } from './clock-voice.ts'
import type { Assembled } from './evening.ts'
import { type ExactRun, exactRuns } from './exact-sound.ts'

const PER_MS = 48
/** Sound lies this much beside its place at most, or it is not found at all. */
const SEARCH_MS = 1_500

/** Where the track goes over to a fill and back, 10 ms are faded at each side (sfu-core/studio/assemble). */
const FADED_SAMPLES_BESIDE_A_GAP = 2 * 10 * PER_MS

/** A stretch that somebody said, as it is in their track. Times by the machine's clock, in ms since the Unix epoch. */
export interface Heard {
  saidFromMs: number
  saidToMs: number
  /** Where it lies in the track. */
  placedMs: number
  /** How much later than it was said. */
  lateMs: number
}

/** What has become of a clock voice in its track. */
export interface TapeVerdict {
  heard: readonly Heard[]
  /** When the first and the last sample of each tape were said, as far as the tape is in the track. */
  tapes: readonly { saidFromMs: number; saidToMs: number }[]
  gaps: readonly TakeGap[]
  /** Samples said between two moments that are nowhere in the track as they were said. */
  lostSamples(fromMs: number, toMs: number): number
  /**
   * The same for all tapes, each from its first sample to its last; but for the fades beside stalls: on a busy machine the sound of
   * the test itself stands still now and then.
   */
  lostInTapes: number
  /** Gaps of other causes than such stalls. */
  otherGaps: readonly TakeGap[]
}

/** Compares somebody's track with what they said, sample by sample. */
export async function verdictOn(done: Assembled, name: string, voice: ClockVoice): Promise<TapeVerdict> {
  const track = await done.soundOf(name)
  const { startedAtMs } = done.take.manifest
  const sourceFromMs = startedAtMs - 2 * SEARCH_MS
  const source = voice.said(sourceFromMs, startedAtMs + track.length / PER_MS + 2 * SEARCH_MS)
  const runs = exactRuns(track, source, (at) => [at + SEARCH_MS * PER_MS, at + 3 * SEARCH_MS * PER_MS])
  const heard = runs.map((run) => heardOf(run, { startedAtMs, sourceFromMs }))
  const lostSamples = (fromMs: number, toMs: number) =>
    Math.max(0, Math.round((toMs - fromMs - coveredMs(heard, fromMs, toMs)) * PER_MS))
  const { tapes: reports, gaps } = done.trackOf(name)
  const tapes = reports.map(({ fromMs, toMs }) => {
    const own = heard.filter(({ placedMs, saidFromMs, saidToMs }) => {
      const middleMs = placedMs - startedAtMs + (saidToMs - saidFromMs) / 2
      return middleMs > fromMs && middleMs < toMs
    })
    return { saidFromMs: own[0]?.saidFromMs ?? Number.NaN, saidToMs: own.at(-1)?.saidToMs ?? Number.NaN }
  })
  const lost = tapes.reduce((sum, { saidFromMs, saidToMs }) => sum + lostSamples(saidFromMs, saidToMs), 0)
  const otherGaps = gaps.filter(({ cause }) => cause !== 'stalled')
  const fadedSamples = (gaps.length - otherGaps.length) * FADED_SAMPLES_BESIDE_A_GAP
  return { heard, tapes, gaps, lostSamples, lostInTapes: Math.max(0, lost - fadedSamples), otherGaps }
}

function heardOf(run: ExactRun, { startedAtMs, sourceFromMs }: { startedAtMs: number; sourceFromMs: number }): Heard {
  const saidFromMs = sourceFromMs + run.sourceFrom / PER_MS
  const placedMs = startedAtMs + run.from / PER_MS
  return {
    saidFromMs,
    saidToMs: saidFromMs + (run.to - run.from) / PER_MS,
    placedMs,
    lateMs: placedMs - saidFromMs,
  }
}

/** Nothing counts twice. */
function coveredMs(heard: readonly Heard[], fromMs: number, toMs: number): number {
  let covered = 0
  let until = fromMs
  for (const { saidFromMs, saidToMs } of heard.toSorted((a, b) => a.saidFromMs - b.saidFromMs)) {
    const from = Math.max(until, saidFromMs)
    const to = Math.min(toMs, saidToMs)
    if (to > from) covered += to - from
    until = Math.max(until, Math.min(toMs, saidToMs))
  }
  return covered
}

/** How far people lie beside each other, at most, in ms. */
export function spreadMs(verdicts: readonly TapeVerdict[]): number {
  const lateMs = verdicts.flatMap(({ heard }) => heard.map((one) => one.lateMs))
  return Math.max(...lateMs) - Math.min(...lateMs)
}
