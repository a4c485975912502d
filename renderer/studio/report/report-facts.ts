import type { GapCause, StudioTrack, TakeGap, TakeReport } from '../../../sfu-core/contract/take-report.ts'
import type { TapeStanding } from '../../../sfu-core/contract/tape.ts'

/**
 * How one speaker's track came out. `whole`: all of it lossless. `filled`: gaps, all filled from the room's recording. `silent`: gaps
 * that nobody has. `mixed`: both. `room-only`: nothing but the room's recording. `absent`: this speaker was not to be recorded, or
 * said nothing.
 */
export type TrackOutcome = 'whole' | 'filled' | 'silent' | 'mixed' | 'room-only' | 'absent'

export interface TrackFacts {
  outcome: TrackOutcome
  gapCount: number
  gapMs: number
  /** Of `gapMs`, what is silent. */
  silentMs: number
  /** Of the time on stage, from the speaker's own computer: 0 to 100 in tenths, and 100 only where nothing is missing. */
  losslessPercent: number
}

/** What a track's report says, for words. */
export function trackFacts(track: Pick<StudioTrack, 'gaps' | 'expectedMs' | 'losslessMs'>): TrackFacts {
  const gapMs = lengthOf(track.gaps)
  const silentMs = lengthOf(track.gaps.filter(({ filledFrom }) => filledFrom === 'silence'))
  return {
    outcome: outcomeOf(track, { gapMs, silentMs }),
    gapCount: track.gaps.length,
    gapMs,
    silentMs,
    losslessPercent: percentOf(track),
  }
}

function outcomeOf(
  { gaps, expectedMs, losslessMs }: Pick<StudioTrack, 'gaps' | 'expectedMs' | 'losslessMs'>,
  { gapMs, silentMs }: { gapMs: number; silentMs: number },
): TrackOutcome {
  if (expectedMs <= 0) return 'absent'
  if (gaps.length === 0) return 'whole'
  if (losslessMs <= 0 && silentMs === 0) return 'room-only'
  if (silentMs === 0) return 'filled'
  return silentMs < gapMs ? 'mixed' : 'silent'
}

function percentOf({ gaps, expectedMs, losslessMs }: Pick<StudioTrack, 'gaps' | 'expectedMs' | 'losslessMs'>): number {
  if (expectedMs <= 0 || gaps.length === 0) return 100
  const tenths = Math.floor((losslessMs / expectedMs) * 1_000)
  return Math.max(0, Math.min(999, tenths)) / 10
}

function lengthOf(gaps: readonly TakeGap[]): number {
  return gaps.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, toMs - fromMs), 0)
}

/** How the take came out as a whole: by its worst track. `empty`: nobody was recorded. */
export type Verdict =
  | { kind: 'complete'; speakerCount: number }
  | { kind: 'filled'; gapCount: number; gapMs: number }
  | { kind: 'missing'; silentMs: number; gapCount: number }
  | { kind: 'empty' }

export function verdictOf({ tracks }: Pick<TakeReport, 'tracks'>): Verdict {
  const facts = tracks.map(trackFacts).filter(({ outcome }) => outcome !== 'absent')
  if (facts.length === 0) return { kind: 'empty' }
  const gapCount = facts.reduce((sum, fact) => sum + fact.gapCount, 0)
  const silentMs = facts.reduce((sum, fact) => sum + fact.silentMs, 0)
  if (silentMs > 0) return { kind: 'missing', silentMs, gapCount }
  if (gapCount > 0) return { kind: 'filled', gapCount, gapMs: facts.reduce((sum, fact) => sum + fact.gapMs, 0) }
  const speakers = new Set(tracks.filter(({ expectedMs }) => expectedMs > 0).map(({ participantId }) => participantId))
  return { kind: 'complete', speakerCount: speakers.size }
}

/** Less than this in an hour nobody hears: 3 ppm. */
const DRIFT_WORTH_TELLING_MS_PER_HOUR = 10
const MS_PER_HOUR_PER_PPM = 3.6

/** The sound card of the longest tape against the take's clock; null where it hardly drifted. */
export function driftOf({
  tapes,
}: Pick<StudioTrack, 'tapes'>): { direction: 'fast' | 'slow'; msPerHour: number } | null {
  const longest = tapes.toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs))[0]
  if (longest === undefined) return null
  const msPerHour = Math.abs(longest.driftPpm) * MS_PER_HOUR_PER_PPM
  if (msPerHour < DRIFT_WORTH_TELLING_MS_PER_HOUR) return null
  return { direction: longest.driftPpm > 0 ? 'fast' : 'slow', msPerHour }
}

/** Gaps of the same cause and filling that follow each other are one line: a bad line leaves dozens. */
export interface GapGroup {
  cause: GapCause
  filledFrom: TakeGap['filledFrom']
  gaps: readonly TakeGap[]
}

export function gapGroups(gaps: readonly TakeGap[]): GapGroup[] {
  const groups: { cause: GapCause; filledFrom: TakeGap['filledFrom']; gaps: TakeGap[] }[] = []
  for (const gap of gaps.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = groups.at(-1)
    if (last?.cause === gap.cause && last.filledFrom === gap.filledFrom) last.gaps.push(gap)
    else groups.push({ cause: gap.cause, filledFrom: gap.filledFrom, gaps: [gap] })
  }
  return groups
}

/** Who has sound that has not arrived, and how much of it is known. */
export function stillToSend(standings: readonly TapeStanding[]): { name: string; lengthMs: number }[] {
  return standings.flatMap(({ name, state, safeToMs, capturedToMs }) => {
    const lengthMs = Math.max(0, capturedToMs - safeToMs)
    return state === 'ended' || state === 'absent' || lengthMs < 1_000 ? [] : [{ name, lengthMs }]
  })
}
