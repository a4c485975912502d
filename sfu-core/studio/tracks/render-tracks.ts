import { copyFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { EditList } from '../../contract/edits.ts'
import { Refusal } from '../../contract/reasons.ts'
import type { ExportFormat } from '../../contract/render.ts'
import type { TakeEvent } from '../../contract/take.ts'
import type { StudioTrack, TakeReport } from '../../contract/take-report.ts'
import { quietFfmpeg } from '../av/ffmpeg-log.ts'
import { FILE_EXTENSIONS } from '../encode/formats.ts'
import { asRefusal, named } from '../mix/failures.ts'
import { besides, heardRanges } from '../mix/mix-input.ts'
import { MixThreads } from '../mix/mix-threads.ts'
import { mutesOf } from '../mix/mutes.ts'
import { Progress } from '../mix/progress.ts'
import { readSamples, segmentsOf } from '../mix/segments.ts'
import type { StudioJobOptions } from '../studio-job.ts'
import { aboutFiles } from './about.ts'
import { audacityFileList, audacityLabels } from './audacity.ts'
import { titleName, trackName } from './file-names.ts'
import { reaperProject } from './reaper.ts'
import { type Session, sessionOf } from './session.ts'
import type { TrackTask } from './write-track.ts'

export interface RenderTracksInput {
  report: TakeReport
  studioFolder: string
  edits: EditList
  /** Trimmed, cut and muted as the mix is; else as long as the take. Never filtered or levelled. */
  edited: boolean
  format: ExportFormat
  /** Audacity labels and file list, a Reaper project. */
  projects: boolean
  /** Is there, and empty. */
  outFolder: string
  title: string
  /** Of the manifest: who was on stage when, for the labels. */
  timeline?: readonly TakeEvent[] | undefined
}

interface PlannedFile {
  track: StudioTrack
  name: string
  task: TrackTask
}

/**
 * One file per speaker, all equally long and aligned; nobody's who is left out. Answers with the names of all files made.
 * @throws Refusal `input-invalid` (nothing is left), `render-failed` (a track is missing or damaged), `disk-full`; the signal's reason. Whatever
 * was begun is removed.
 */
export async function renderTracks(input: RenderTracksInput, options: StudioJobOptions): Promise<{ files: string[] }> {
  const planned = planFiles(input)
  const { signal } = options
  signal.throwIfAborted()
  quietFfmpeg()
  const threads = new MixThreads(signal)
  const progress = new Progress(options.onProgress)
  try {
    await writeSounds(input, planned, { threads, progress })
    const others = await writeTexts(input, planned)
    progress.at('packing', 1)
    return { files: [...planned.map(({ name }) => name), ...others] }
  } catch (error) {
    // First the threads: what one still writes would come back.
    await threads.close()
    await removeAll(input, planned)
    throw asRefusal(error, signal)
  } finally {
    await threads.close()
  }
}

function planFiles(input: RenderTracksInput): PlannedFile[] {
  const { report, edits, edited, format } = input
  const tracks = report.tracks.filter(({ participantId }) => !edits.leftOut.includes(participantId))
  if (tracks.length === 0) throw new Refusal('input-invalid', 'every speaker is left out')
  const longest = Math.max(...tracks.map(({ lengthSamples }) => lengthSamples))
  const whole = [{ from: 0, to: longest, overlapBefore: 0, overlapAfter: 0 }]
  const segments = edited ? segmentsOf(heardRanges(report, edits)) : whole
  const date = new Date(report.startedAtMs).toISOString().slice(0, 10)
  return tracks.map((track, i): PlannedFile => {
    const isTwice = tracks.some((other) => other !== track && other.participantId === track.participantId)
    const speaker = isTwice ? `${track.name} ${track.source}` : track.name
    const name = trackName({ number: i + 1, name: speaker, extension: FILE_EXTENSIONS[format] })
    return {
      track,
      name,
      task: {
        sound: {
          file: path.join(input.studioFolder, track.file),
          channels: track.channels,
          lengthSamples: track.lengthSamples,
          segments,
          mutes: edited ? mutesOf(edits, track.participantId) : [],
          fadesEdges: edited,
        },
        outFile: path.join(input.outFolder, name),
        format,
        tags: { title: input.title, artists: [track.name], date, chapters: [] },
      },
    }
  })
}

interface Writing {
  threads: MixThreads
  progress: Progress
}

async function writeSounds(input: RenderTracksInput, planned: readonly PlannedFile[], { threads, progress }: Writing) {
  const total = planned.reduce((sum, { task }) => sum + readSamples(task.sound.segments), 0)
  const done = new Map<PlannedFile, number>()
  const tell = (file: PlannedFile, samples: number) => {
    done.set(file, samples)
    progress.at('encoding', (0.98 * [...done.values()].reduce((sum, value) => sum + value, 0)) / total)
  }
  await Promise.all(
    planned.map(async (file, i) => {
      const work = isCopy(input, file, planned)
        ? copyFile(file.task.sound.file, file.task.outFile)
        : threads.call(i, { do: 'track', task: file.task }, (samples) => tell(file, samples))
      await named<unknown>(file.track.name, work)
      tell(file, readSamples(file.task.sound.segments))
    }),
  )
}

/** The whole track without any change, in the format that it has: the very same bytes. */
function isCopy({ edited, format }: RenderTracksInput, { track }: PlannedFile, all: readonly PlannedFile[]): boolean {
  return !edited && format === 'flac' && all.every((other) => other.track.lengthSamples <= track.lengthSamples)
}

async function writeTexts(input: RenderTracksInput, planned: readonly PlannedFile[]): Promise<string[]> {
  if (!input.projects) return []
  const tracks = planned.map(({ track, name }) => ({ name: track.name, file: name, channels: track.channels }))
  const session = sessionOf({ ...input, timeline: input.timeline ?? [] }, tracks)
  const texts = textsOf(session, input.format)
  for (const [name, text] of texts) await writeFile(path.join(input.outFolder, name), text)
  return texts.map(([name]) => name)
}

function textsOf(session: Session, format: ExportFormat): [string, string][] {
  const name = titleName(session.title)
  return [
    [`${name} labels.txt`, audacityLabels(session)],
    [`${name}.lof`, audacityFileList(session)],
    [`${name}.rpp`, reaperProject(session, format)],
    ['About these files.txt', aboutFiles(session, format)],
  ]
}

async function removeAll(input: RenderTracksInput, planned: readonly PlannedFile[]): Promise<void> {
  const names = planned.flatMap(({ task }) => [
    task.outFile,
    besides(task.outFile, 'part'),
    besides(task.outFile, 'part.tagged'),
  ])
  const tracks = planned.map(({ track, name }) => ({ name: track.name, file: name, channels: track.channels }))
  const texts = textsOf({ title: input.title, lengthMs: 0, tracks, markers: [], regions: [] }, input.format)
  for (const file of [...names, ...texts.map(([name]) => path.join(input.outFolder, name))])
    await rm(file, { force: true })
}
