import { join } from 'node:path'
import type { ParticipantId } from '../../contract/ids.ts'
import type { TakeTrack } from '../../contract/take.ts'
import type { StudioTrack, TakeGap } from '../../contract/take-report.ts'
import type { TapeSource as TapeSourceKind } from '../../contract/tape.ts'
import { type Fill, fillHoles } from './fill-holes.ts'
import { type FittedTape, tapeReport, toMs } from './fitted-tape.ts'
import type { Interval } from './intervals.ts'
import { planTrack } from './plan-track.ts'
import { SfuSound } from './sfu-sound.ts'
import { TapeReader } from './tape-reader.ts'
import { TapeSound } from './tape-sound.ts'
import { partsOf, TrackSound } from './track-sound.ts'
import { writeTrack } from './write-track.ts'

/** One track to be made. */
export interface TrackWork {
  participantId: ParticipantId
  name: string
  source: TapeSourceKind
  /** Names of the files in the end, without their endings. */
  baseName: string
  tapes: readonly FittedTape[]
  sfuTracks: readonly TakeTrack[]
  speakerTime: readonly Interval[]
}

export interface AssembleTrackOptions {
  takeFolder: string
  /** Where both files are written, with PART_ENDING behind their names. */
  outFolder: string
  lengthSamples: number
  roomTitle: string
  signal: AbortSignal
  onWritten(samples: number): void
}

/** Nobody takes a file for whole that is not. */
export const PART_ENDING = '.part'

/** Writes one speaker's track and its peaks. @throws what the disk says, or the signal's reason. */
export async function assembleTrack(work: TrackWork, options: AssembleTrackOptions): Promise<StudioTrack> {
  const { lengthSamples } = options
  const tapes = work.tapes.toSorted((a, b) => beginOf(a) - beginOf(b))
  const plan = planTrack({ tapes: tapes.map(({ laid }) => laid), expected: work.speakerTime, lengthSamples })
  const channels = channelsOf(work, options.takeFolder)
  using readers = new DisposableStack()
  const tapeSounds = tapes.map((tape) => {
    const reader = readers.use(new TapeReader(tape.checked.good, channels))
    return new TapeSound(reader, channels)
  })
  const sfu = readers.use(new SfuSound(options.takeFolder, work.sfuTracks, channels))
  const fills = fillHoles(plan.holes, { tapes: tapeSounds, stretches: plan.tapes, sfu })
  const parts = partsOf(plan.tapes, fills, { tapes: tapeSounds, sfu })
  const [file, peaksFile] = [`${work.baseName}.flac`, `${work.baseName}.peaks`]
  const written = await writeTrack({
    sound: new TrackSound(parts, channels),
    channels,
    lengthSamples,
    flacFile: join(options.outFolder, file + PART_ENDING),
    peaksFile: join(options.outFolder, peaksFile + PART_ENDING),
    title: options.roomTitle,
    artist: work.name,
    signal: options.signal,
    onWritten: options.onWritten,
  })
  const { participantId, name, source } = work
  return {
    ...{ participantId, name, source, file, channels, lengthSamples, ...written, peaksFile },
    tapes: tapes.map(tapeReport),
    gaps: fills.flatMap(toGaps),
    expectedMs: toMs(plan.expectedSamples),
    losslessMs: toMs(plan.losslessSamples),
  }
}

function beginOf(tape: FittedTape): number {
  return tape.laid.pieces[0]?.from ?? 0
}

function channelsOf({ tapes, sfuTracks }: TrackWork, takeFolder: string): 1 | 2 {
  const isStereo =
    tapes.length > 0 ? tapes.some(({ source }) => source.channels > 1) : SfuSound.isStereo(takeFolder, sfuTracks)
  return isStereo ? 2 : 1
}

function toGaps(fill: Fill): TakeGap[] {
  const filledFrom = fill.hasSound ? 'sfu' : 'silence'
  return fill.gaps.map(({ from, to, cause }) => ({ fromMs: toMs(from), toMs: toMs(to), cause, filledFrom }))
}
