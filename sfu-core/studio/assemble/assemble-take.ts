import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { participantIdSchema } from '../../contract/ids.ts'
import type { TakeManifest } from '../../contract/take.ts'
import type { StudioTrack, TakeReport } from '../../contract/take-report.ts'
import { trackFileName } from '../../record/track-writer.ts'
import { quietFfmpeg } from '../av/ffmpeg-log.ts'
import { breathe, type StudioJobOptions } from '../studio-job.ts'
import { assembleTrack, PART_ENDING, type TrackWork } from './assemble-track.ts'
import { type FittedTape, fitChecked, toMs } from './fitted-tape.ts'
import { speakerTime } from './speaker-time.ts'
import { checkTape, type TapeSource } from './tape-chunks.ts'

export interface AssembleInput {
  manifest: TakeManifest
  /** Where the manifest's tracks are. */
  takeFolder: string
  tapes: readonly TapeSource[]
  /** Made if need be. What an earlier run left there is replaced at the end, when all tracks are whole. */
  outFolder: string
  nowMs: number
}

const SAMPLES_PER_MS = 48
/** Of the whole job: reading and checking all chunks takes about half as long as writing the tracks. */
const READING_SHARE = 0.3

/**
 * Makes of tapes and SFU tracks one continuous lossless track for each speaker and source, FLAC of 24 bits and 48 kHz from the
 * take's zero to its end, and tells what each is made of. Writes the tracks and their peaks into `outFolder`; the report is
 * given back. The same input gives the same tracks.
 * @throws the signal's reason; what the disk says. Nothing of an unfinished run is left.
 */
export async function assembleTake(input: AssembleInput, options: StudioJobOptions): Promise<TakeReport> {
  quietFfmpeg()
  const { manifest, outFolder } = input
  await mkdir(outFolder, { recursive: true })
  const fitted = await readTapes(input, options)
  const lengthSamples = takeLength(manifest, fitted)
  const works = lengthSamples > 0 ? trackWorks(input, fitted, lengthSamples) : []
  try {
    const tracks = await writeTracks(input, works, { ...options, lengthSamples })
    await replaceTracks(outFolder, tracks)
    const { takeId, roomTitle, startedAtMs } = manifest
    return {
      ...{ version: 1, takeId, roomTitle, startedAtMs, lengthMs: toMs(lengthSamples), madeAtMs: input.nowMs },
      tracks,
    }
  } finally {
    await removeParts(outFolder)
  }
}

async function readTapes({ tapes, manifest }: AssembleInput, options: StudioJobOptions): Promise<FittedTape[]> {
  const all = tapes.flatMap(({ chunks }) => chunks.map(({ header }) => header.sampleCount))
  const total = all.reduce((sum, samples) => sum + samples, 0)
  let read = 0
  const onChunk = async (samples: number) => {
    read += samples
    options.onProgress({ step: 'reading', progress: (READING_SHARE * read) / total })
    await breathe(options.signal)
  }
  const fitted: FittedTape[] = []
  for (const tape of tapes) {
    const time = speakerTime(manifest, tape.participantId, Number.MAX_SAFE_INTEGER)
    const one = fitChecked(tape, await checkTape(tape, onChunk), time)
    if (one) fitted.push(one)
  }
  options.onProgress({ step: 'aligning', progress: READING_SHARE })
  return fitted
}

/** Nobody wanted these ends: the node went away, or its disk was full, while people talked on. */
const UNWANTED_ENDS: ReadonlySet<TakeManifest['endedBy']> = new Set(['crash', 'node-closed', 'disk-full', 'failed'])

/** Where the node went away, the manifest ends with what it had written; the speakers' machines went on. */
function takeLength(manifest: TakeManifest, fitted: readonly FittedTape[]): number {
  const toldMs = manifest.endedAtMs === null ? 0 : manifest.endedAtMs - manifest.startedAtMs
  const told = Math.round(Math.max(0, toldMs) * SAMPLES_PER_MS)
  if (manifest.endedAtMs !== null && !UNWANTED_ENDS.has(manifest.endedBy)) return told
  const ends = [
    ...manifest.tracks.map((track) => track.offsetSamples + track.lengthSamples),
    ...fitted.map((tape) => tape.laid.pieces.at(-1)?.to ?? 0),
  ]
  return Math.max(told, ...ends)
}

function trackWorks(
  { manifest, tapes }: AssembleInput,
  fitted: readonly FittedTape[],
  lengthSamples: number,
): TrackWork[] {
  return speakersOf(manifest, tapes).flatMap((speaker): TrackWork[] => {
    const own = fitted.filter(({ source }) => source.participantId === speaker.participantId)
    const sfuTracks = manifest.tracks.filter((track) => track.participantId === speaker.participantId)
    const sources = [...new Set(own.map(({ source }) => source.source))].sort()
    // The SFU heard what the others heard: the processed sound.
    if (sources.length === 0 && sfuTracks.length > 0) sources.push('processed')
    const name = basename(trackFileName(speaker), '.opus')
    return sources.map((source) => ({
      participantId: participantIdSchema.parse(speaker.participantId),
      name: speaker.name,
      source,
      baseName: source === 'processed' ? name : `${name}-${source}`,
      tapes: own.filter((tape) => tape.source.source === source),
      sfuTracks,
      speakerTime: speakerTime(manifest, speaker.participantId, lengthSamples),
    }))
  })
}

interface Speaker {
  participantId: string
  number: number
  name: string
}

/** As the manifest names them; behind them who has a tape and is not in it, which a crash of the node can bring about. */
function speakersOf(manifest: TakeManifest, tapes: readonly TapeSource[]): Speaker[] {
  const speakers: Speaker[] = manifest.participants.toSorted((a, b) => a.number - b.number)
  let number = Math.max(0, ...speakers.map((speaker) => speaker.number))
  for (const { participantId, name } of tapes) {
    if (speakers.some((speaker) => speaker.participantId === participantId)) continue
    number += 1
    speakers.push({ participantId, number, name })
  }
  return speakers
}

async function writeTracks(
  { takeFolder, outFolder, manifest }: AssembleInput,
  works: readonly TrackWork[],
  options: StudioJobOptions & { lengthSamples: number },
): Promise<StudioTrack[]> {
  const { lengthSamples, signal, onProgress } = options
  let written = 0
  const onWritten = (samples: number) => {
    written += samples
    const share = written / Math.max(1, works.length * lengthSamples)
    onProgress({ step: 'encoding', progress: READING_SHARE + (1 - READING_SHARE) * share })
  }
  const tracks: StudioTrack[] = []
  for (const work of works) {
    const { roomTitle } = manifest
    tracks.push(await assembleTrack(work, { takeFolder, outFolder, lengthSamples, roomTitle, signal, onWritten }))
  }
  return tracks
}

/** All new tracks take their names; those of an earlier run that have no successor go. */
async function replaceTracks(outFolder: string, tracks: readonly StudioTrack[]): Promise<void> {
  const names = new Set(tracks.flatMap(({ file, peaksFile }) => [file, peaksFile]))
  for (const name of names) await rename(join(outFolder, name + PART_ENDING), join(outFolder, name))
  const left = (await readdir(outFolder)).filter((name) => TRACK_NAME.test(name) && !names.has(name))
  for (const name of left) await rm(join(outFolder, name), { force: true })
}

/** What trackFileName makes: the studio's other files have no number in front. */
const TRACK_NAME = /^\d+-.*\.(flac|peaks)$/

async function removeParts(outFolder: string): Promise<void> {
  const parts = (await readdir(outFolder)).filter((name) => name.endsWith(PART_ENDING))
  for (const name of parts) await rm(join(outFolder, name), { force: true })
}
