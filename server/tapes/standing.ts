import { TAPE_BEHIND_MS } from '../../sfu-core/contract/limits.ts'
import { TAPE_SAMPLE_RATE_HZ, type TapeStanding } from '../../sfu-core/contract/tape.ts'
import { takeMsOf } from './tape-progress.ts'
import { type ChunkRange, isComplete, type TapeRecord } from './tape-record.ts'

const SAMPLES_PER_MS = TAPE_SAMPLE_RATE_HZ / 1_000

/** A tape, and what of it is here behind a hole, in order. */
export interface TapeFacts {
  tape: TapeRecord
  later: readonly ChunkRange[]
}

/** Somebody of whom there should be a tape. */
export interface ExpectedSpeaker {
  participantId: string
  name: string
  /** Since when, in ms since the Unix epoch. */
  sinceMs: number
}

type Gaps = Pick<TapeStanding, 'gapCount' | 'gapMs'>

/**
 * How safe one speaker's sound is, from all their tapes. The newest one of each source says how far; what is missing of
 * earlier ones, and holes, are gaps until they are filled.
 */
export function standingOf(speaker: ExpectedSpeaker, facts: readonly TapeFacts[], nowMs: number): TapeStanding {
  const { participantId, name } = speaker
  const tapes = facts.filter(({ tape }) => tape.participantId === participantId)
  const newest = newestOfEachSource(tapes)
  const gaps = tapes.map((one) => gapsOf(one, !newest.includes(one)))
  return {
    participantId,
    name,
    state: stateOf(tapes, newest, { nowMs, sinceMs: speaker.sinceMs }),
    safeToMs: newest.length === 0 ? 0 : Math.max(0, Math.min(...newest.map(safeToMs))),
    capturedToMs: newest.length === 0 ? 0 : Math.max(0, ...newest.map(capturedToMs)),
    gapCount: gaps.reduce((sum, { gapCount }) => sum + gapCount, 0),
    gapMs: gaps.reduce((sum, { gapMs }) => sum + gapMs, 0),
  }
}

function newestOfEachSource(tapes: readonly TapeFacts[]): TapeFacts[] {
  const newest = new Map(tapes.map((one) => [one.tape.source, one]))
  return [...newest.values()]
}

function stateOf(
  tapes: readonly TapeFacts[],
  newest: readonly TapeFacts[],
  { nowMs, sinceMs }: { nowMs: number; sinceMs: number },
): TapeStanding['state'] {
  if (tapes.length === 0) return nowMs - sinceMs < TAPE_BEHIND_MS ? 'waiting' : 'absent'
  if (tapes.every(({ tape }) => isComplete(tape))) return 'ended'
  const running = newest.filter(({ tape }) => !isComplete(tape))
  if (running.length === 0 || running.some((one) => isBehind(one, nowMs))) return 'behind'
  return running.every(({ tape }) => tape.progress.contiguousChunks === 0) ? 'waiting' : 'safe'
}

/** Far behind by its own words, or silent: a page that is cut off tells nothing. */
function isBehind(one: TapeFacts, nowMs: number): boolean {
  return capturedToMs(one) - safeToMs(one) > TAPE_BEHIND_MS || nowMs - one.tape.newsAtMs > TAPE_BEHIND_MS
}

function safeToMs({ tape: { progress } }: TapeFacts): number {
  return progress.contiguousChunks === 0 ? 0 : takeMsOf(progress, progress.safeSamples)
}

function capturedToMs(one: TapeFacts): number {
  const { progress } = one.tape
  return progress.capturedSamples === 0 ? 0 : takeMsOf(progress, capturedSamples(one))
}

function capturedSamples({ tape: { declared, progress } }: TapeFacts): number {
  return declared?.sampleCount ?? progress.capturedSamples
}

/** Holes before what is here; of a tape that another one followed, also what is still to come. */
function gapsOf(one: TapeFacts, isFollowed: boolean): Gaps {
  const { stalls, safeSamples } = one.tape.progress
  let [gapCount, gapMs, endSample] = [stalls.stallCount, stalls.stallMs, safeSamples]
  for (const { firstSample, sampleCount } of one.later) {
    if (firstSample > endSample) {
      gapCount += 1
      gapMs += (firstSample - endSample) / SAMPLES_PER_MS
    }
    endSample = firstSample + sampleCount
  }
  const restMs = (capturedSamples(one) - endSample) / SAMPLES_PER_MS
  if (!isFollowed || restMs <= 0) return { gapCount, gapMs }
  return { gapCount: gapCount + 1, gapMs: gapMs + restMs }
}
