import type { SoundBlock } from '../av/sound-block.ts'
import type { Hole, TapeStretch } from './plan-track.ts'
import { LAG_MAX_SAMPLES, LAG_MIN_SAMPLES, LAG_WINDOW_SAMPLES, type Lag, measureLag } from './sfu-lag.ts'
import type { SfuSound } from './sfu-sound.ts'
import type { TapeSound } from './tape-sound.ts'

/** What is put where no tape has sound: the SFU's track, as much earlier and louder as the tape beside it tells. */

/** A hole and what comes there. */
export interface Fill extends Hole {
  /** The SFU's track lies so much later than the tape. */
  lagSamples: number
  gain: number
  /** There is a tape on that side. */
  followsTape: boolean
  precedesTape: boolean
  /** The tape breaks off there, or comes up again: a seam in the middle of speech. */
  joinsPrevious: boolean
  joinsNext: boolean
  /** Told of the sound put there. */
  heard(block: SoundBlock): void
  /** Anything was to be heard in it. */
  readonly hasSound: boolean
}

/** Windows further from a hole say little of it: the SFU's track is moved to and fro as its network goes (TrackTimeline). */
const NEAR_SAMPLES = 30 * 48_000
/** Windows that are tried on each side of a hole: the nearest with speech in it is taken. */
const WINDOWS_PER_SIDE = 6
/** For holes without a tape near by: so many windows all over the track. */
const WINDOWS_IN_ALL = 9
/** Two sides that differ by more are not averaged: the better one counts. */
const AGREE_SAMPLES = 240

export interface FillSources {
  tapes: readonly TapeSound[]
  stretches: readonly TapeStretch[]
  sfu: SfuSound
}

export function fillHoles(holes: readonly Hole[], sources: FillSources): Fill[] {
  let overall: Lag | null | undefined
  return holes.map((hole) => {
    const isNeeded = !sources.sfu.isEmpty
    const near = isNeeded ? lagNear(hole, sources) : null
    if (!near && isNeeded) overall ??= lagOverall(sources)
    return makeFill(hole, near ?? overall ?? null, sources.stretches)
  })
}

function makeFill(hole: Hole, lag: Lag | null, stretches: readonly TapeStretch[]): Fill {
  const followsTape = stretches.some((stretch) => stretch.to === hole.from)
  const precedesTape = stretches.some((stretch) => stretch.from === hole.to)
  let loudSamples = 0
  return {
    ...hole,
    lagSamples: lag?.samples ?? 0,
    gain: lag?.gain ?? 1,
    followsTape,
    precedesTape,
    joinsPrevious: followsTape && hole.gaps[0]?.from === hole.from,
    joinsNext: precedesTape && hole.gaps.at(-1)?.to === hole.to,
    heard: (block) => {
      loudSamples += countLoud(block)
    },
    get hasSound() {
      return loudSamples >= HEARD_SAMPLES
    },
  }
}

/** -80 dBFS; libopus makes exact zeros of the silence that the recorder writes. */
const HEARD_LEVEL = 1e-4
/** One packet. */
const HEARD_SAMPLES = 960

function countLoud([samples]: SoundBlock): number {
  let loud = 0
  for (const sample of samples ?? []) if (Math.abs(sample) > HEARD_LEVEL) loud += 1
  return loud
}

function lagNear(hole: Hole, sources: FillSources): Lag | null {
  const before = firstLag(windowsBefore(hole, sources.stretches), sources)
  const after = firstLag(windowsAfter(hole, sources.stretches), sources)
  if (!before || !after) return before ?? after
  if (Math.abs(before.samples - after.samples) > AGREE_SAMPLES) {
    return before.correlation >= after.correlation ? before : after
  }
  return {
    samples: Math.round((before.samples + after.samples) / 2),
    gain: Math.sqrt(before.gain * after.gain),
    correlation: Math.max(before.correlation, after.correlation),
  }
}

interface LagWindow {
  stretch: TapeStretch
  from: number
}

function windowsBefore(hole: Hole, stretches: readonly TapeStretch[]): LagWindow[] {
  return stretches
    .filter((stretch) => stretch.to <= hole.from)
    .toReversed()
    .flatMap((stretch) => windowsIn(stretch).reverse())
    .filter(({ from }) => from >= hole.from - NEAR_SAMPLES)
    .slice(0, WINDOWS_PER_SIDE)
}

function windowsAfter(hole: Hole, stretches: readonly TapeStretch[]): LagWindow[] {
  return stretches
    .filter((stretch) => stretch.from >= hole.to)
    .flatMap(windowsIn)
    .filter(({ from }) => from <= hole.to + NEAR_SAMPLES)
    .slice(0, WINDOWS_PER_SIDE)
}

/** Side by side, from the stretch's beginning. */
function windowsIn(stretch: TapeStretch): LagWindow[] {
  const count = Math.floor((stretch.to - stretch.from) / LAG_WINDOW_SAMPLES)
  return Array.from({ length: count }, (_, i) => ({ stretch, from: stretch.from + i * LAG_WINDOW_SAMPLES }))
}

function firstLag(windows: readonly LagWindow[], sources: FillSources): Lag | null {
  for (const window of windows) {
    const lag = lagIn(window, sources)
    if (lag) return lag
  }
  return null
}

function lagIn({ stretch, from }: LagWindow, { tapes, sfu }: FillSources): Lag | null {
  const tape = tapes[stretch.tape]?.read(stretch.piece.place, from, LAG_WINDOW_SAMPLES)
  if (!tape) return null
  const around = LAG_WINDOW_SAMPLES + LAG_MAX_SAMPLES - LAG_MIN_SAMPLES
  return measureLag(tape, sfu.read(from + LAG_MIN_SAMPLES, around))
}

/** The median of windows all over the track. */
function lagOverall(sources: FillSources): Lag | null {
  const windows = sources.stretches.flatMap(windowsIn)
  const step = Math.max(1, Math.floor(windows.length / WINDOWS_IN_ALL))
  const lags = windows.filter((_, i) => i % step === 0).flatMap((window) => lagIn(window, sources) ?? [])
  return lags.sort((a, b) => a.samples - b.samples)[lags.length >> 1] ?? null
}
