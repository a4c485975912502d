import { clamp } from './decibels.ts'
import { type Interval, intervalsOf, joined, maskOf } from './intervals.ts'
import { FRAMES_PER_S } from './loudness.ts'
import { LEVEL_MIN_LUFS, type SpeechFrames } from './speech.ts'

/**
 * Finds where a microphone only picks up another speaker. Microphones have any gain, so levels cannot be compared as they
 * are: for each pair the difference of levels is looked at over the whole take. While j speaks and i does not, it lies
 * near one value (the way from j's mouth to i's microphone, and both gains), while i speaks far above it. What lies near the lower value is bleed.
 */

/** A room delays by a few ms, a loudspeaker at the far end of a call by half a second at most. Bleed never comes before its source. */
const LAG_MAX_FRAMES = 50
/** Reverberation: what a loud moment leaves fades by 60 dB in 0.6 s. */
const TAIL_DB_PER_FRAME = 1
/** Rises may come this much before or after the lag found. */
const LAG_TOLERANCE_FRAMES = 2
/** For lags and correlations so many moments of the pair are enough. */
const MOMENTS_MAX_COUNT = 12_000
/** Less than a second of evidence is none. */
const EVIDENCE_MIN_FRAMES = 1 * FRAMES_PER_S
/** Two speakers stand apart by this at least: else there is only one. */
const CLUSTERS_MIN_DB = 9
/** Bleed follows its source: what does not is the room, or another's own voice. */
const CORRELATION_MIN = 0.5
/** With a single cluster the source must be so much louder in its own microphone. */
const LONE_BLEED_MAX_DB = -6
/** How far above the usual bleed still is bleed. */
const MARGIN_MIN_DB = 5
const MARGIN_MAX_DB = 9

/** How i's microphone hears j. */
interface Leak {
  source: number
  lagFrames: number
  /** Up to here the difference of levels (i less j) is bleed. */
  bleedMaxDb: number
}

interface Pair {
  listener: SpeechFrames
  source: SpeechFrames
}

/** Frames, evenly over the take, in which the source's microphone hears speech. */
function moments(source: SpeechFrames): number[] {
  const { active } = source
  const last = active.length - LAG_MAX_FRAMES
  let count = 0
  for (let i = LAG_MAX_FRAMES; i < last; i++) count += active[i] as number
  const step = Math.max(1, Math.ceil(count / MOMENTS_MAX_COUNT))
  const chosen: number[] = []
  let seen = 0
  for (let i = LAG_MAX_FRAMES; i < last; i++) if (active[i] && seen++ % step === 0) chosen.push(i)
  return chosen
}

/** Pearson's r of the listener's levels with the source's `lag` frames before. 0 where either is constant. */
function correlationAt({ listener, source }: Pair, frames: readonly number[], lag: number): number {
  let a = 0
  let b = 0
  let aa = 0
  let bb = 0
  let ab = 0
  for (const frame of frames) {
    const x = source.levels[frame] as number
    const y = listener.levels[frame + lag] as number
    a += x
    b += y
    aa += x * x
    bb += y * y
    ab += x * y
  }
  const n = frames.length
  const variance = (aa - (a * a) / n) * (bb - (b * b) / n)
  return variance > 1e-6 ? (ab - (a * b) / n) / Math.sqrt(variance) : 0
}

function bestLag(pair: Pair, frames: readonly number[]): number {
  let best = { lag: 0, correlation: Number.NEGATIVE_INFINITY }
  for (let lag = 0; lag <= LAG_MAX_FRAMES; lag++) {
    const correlation = correlationAt(pair, frames, lag)
    if (correlation > best.correlation) best = { lag, correlation }
  }
  return best.lag
}

/** The source as another microphone may hear it: the loudest of the moments around, fading as a room does. In LUFS. */
function echoOf(source: SpeechFrames, lagFrames: number): Float32Array {
  const { levels } = source
  const echo = new Float32Array(levels.length)
  let tail = LEVEL_MIN_LUFS
  for (let i = 0; i < levels.length; i++) {
    const from = Math.max(0, i - lagFrames - LAG_TOLERANCE_FRAMES)
    const to = Math.min(levels.length - 1, i - lagFrames + LAG_TOLERANCE_FRAMES)
    let loudest = LEVEL_MIN_LUFS
    for (let k = from; k <= to; k++) loudest = Math.max(loudest, levels[k] as number)
    tail = Math.max(loudest, tail - TAIL_DB_PER_FRAME)
    echo[i] = tail
  }
  return echo
}

interface Clusters {
  low: number
  high: number
  lowCount: number
  highCount: number
  lowSpread: number
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Two means, begun at the outermost hundredths. `values` in order. */
function clustersOf(values: readonly number[]): Clusters {
  const at = (share: number) => values[Math.floor(share * (values.length - 1))] as number
  let low = at(0.01)
  let high = at(0.99)
  let split = 0
  for (let round = 0; round < 20; round++) {
    const middle = (low + high) / 2
    split = values.findIndex((value) => value > middle)
    if (split <= 0) break
    low = mean(values.slice(0, split))
    high = mean(values.slice(split))
  }
  const lower = split > 0 ? values.slice(0, split) : values
  const spread = Math.sqrt(mean(lower.map((value) => (value - low) ** 2)))
  return { low, high, lowCount: lower.length, highCount: values.length - lower.length, lowSpread: spread }
}

/** Where the echo is louder than the source by more, it is the tail of what was before: that says little about the way. */
const TAIL_IGNORED_DB = 3

/** null where the listener's microphone does not hear the source. */
function findLeak(pair: Pair, source: number): Leak | null {
  const all = moments(pair.source)
  if (all.length < EVIDENCE_MIN_FRAMES / 2) return null
  const lagFrames = bestLag(pair, all)
  const echo = echoOf(pair.source, lagFrames)
  const isPresent = (frame: number) => {
    return (echo[frame + lagFrames] as number) - (pair.source.levels[frame] as number) <= TAIL_IGNORED_DB
  }
  const frames = all.filter(isPresent)
  if (frames.length < EVIDENCE_MIN_FRAMES / 2) return null
  const difference = (frame: number) => {
    return (pair.listener.levels[frame + lagFrames] as number) - (echo[frame + lagFrames] as number)
  }
  const clusters = clustersOf(frames.map(difference).toSorted((a, b) => a - b))
  const bleedMaxDb = bleedLimit(clusters)
  if (bleedMaxDb === null) return null
  const heard = frames.filter((frame) => difference(frame) <= bleedMaxDb)
  if (heard.length < EVIDENCE_MIN_FRAMES / 2 || correlationAt(pair, heard, lagFrames) < CORRELATION_MIN) return null
  return { source, lagFrames, bleedMaxDb }
}

/** Up to which difference of levels it is bleed; null where it cannot be told. */
function bleedLimit({ low, high, lowCount, highCount, lowSpread }: Clusters): number | null {
  const margin = clamp(2 * lowSpread, MARGIN_MIN_DB, MARGIN_MAX_DB)
  const isTwo = high - low >= CLUSTERS_MIN_DB && Math.min(lowCount, highCount) >= EVIDENCE_MIN_FRAMES / 4
  if (isTwo) return Math.min(low + margin, (low + high) / 2)
  return high <= LONE_BLEED_MAX_DB ? Math.min(high + margin, LONE_BLEED_MAX_DB / 2) : null
}

/** Own words this close to each other are one utterance. */
const OWN_GAP_FRAMES = 20
/** Shorter than any word: a flutter of the levels. */
const OWN_MIN_FRAMES = 6
/** The microphone is open so long before and after own words, so that soft beginnings and endings are whole. */
const OWN_BEFORE_FRAMES = 12
const OWN_AFTER_FRAMES = 25
/** Between two stretches of bleed the microphone stays down: a room that comes and goes is heard. */
const BLEED_GAP_FRAMES = 1 * FRAMES_PER_S

/** What is in a microphone. */
export interface OwnVoice {
  /** 1 where its own speaker speaks. */
  own: Uint8Array
  /** 1 where it is to be turned down. Never where `own` is 1, nor shortly before or after. */
  ducked: Uint8Array
}

function bleedMask(listener: SpeechFrames, all: readonly SpeechFrames[], leaks: readonly Leak[]): Uint8Array {
  const mask = new Uint8Array(listener.levels.length)
  for (const { source, lagFrames, bleedMaxDb } of leaks) {
    const speech = all[source] as SpeechFrames
    const echo = echoOf(speech, lagFrames)
    for (let i = 0; i < mask.length; i++) {
      const isLoud = (echo[i] as number) > (speech.floors[i] as number) + MARGIN_MAX_DB
      if (isLoud && (listener.levels[i] as number) - (echo[i] as number) <= bleedMaxDb) mask[i] = 1
    }
  }
  return mask
}

function ownIntervals(listener: SpeechFrames, bleed: Uint8Array): Interval[] {
  const own = Uint8Array.from(listener.active, (isActive, i) => (isActive && !bleed[i] ? 1 : 0))
  return joined(intervalsOf(own), OWN_GAP_FRAMES).filter(({ from, to }) => to - from >= OWN_MIN_FRAMES)
}

function duckedMask(bleed: Uint8Array, own: readonly Interval[]): Uint8Array {
  const open = maskOf(
    own.map(({ from, to }) => ({ from: from - OWN_BEFORE_FRAMES, to: to + OWN_AFTER_FRAMES })),
    bleed.length,
  )
  const ducked = maskOf(joined(intervalsOf(bleed), BLEED_GAP_FRAMES), bleed.length)
  for (let i = 0; i < ducked.length; i++) if (open[i]) ducked[i] = 0
  return ducked
}

/** Whose voice each microphone carries, when. All tracks are equally long. */
export function findOwnVoices(all: readonly SpeechFrames[]): OwnVoice[] {
  return all.map((listener, i) => {
    const leaks = all
      .map((source, j) => (i === j ? null : findLeak({ listener, source }, j)))
      .filter((leak) => leak !== null)
    const bleed = bleedMask(listener, all, leaks)
    const own = ownIntervals(listener, bleed)
    return { own: maskOf(own, bleed.length), ducked: duckedMask(bleed, own) }
  })
}

/** A voice that is in another microphone too is that much quieter there. More would be heard as a hole in the room. */
const DUCK_DB = -18
/** Frames from open to down, or back. Opening ends before the own voice begins. */
const DUCK_FADE_FRAMES = 6

/** The gain in dB of each frame. Fades lie inside the ducked stretches. */
export function duckingGains(ducked: Uint8Array): Float32Array {
  const gains = new Float32Array(ducked.length)
  for (const { from, to } of intervalsOf(ducked)) {
    for (let i = from; i < to; i++) {
      const depth = Math.min(1, (i - from + 1) / DUCK_FADE_FRAMES, (to - i) / DUCK_FADE_FRAMES)
      gains[i] = DUCK_DB * depth
    }
  }
  return gains
}
