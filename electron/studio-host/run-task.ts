import { mkdir, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { TAKE_MANIFEST_NAME, type TakeManifest, takeManifestSchema } from '../../sfu-core/contract/take.ts'
import { STUDIO_FOLDER, TAKE_REPORT_NAME } from '../../sfu-core/contract/take-report.ts'
import { assembleTake, renderMix, renderTracks, type StudioJobOptions } from '../../sfu-core/studio/index.ts'
import { ASSEMBLED_NAME, type Assembled } from '../files/assembled.ts'
import { flushFile, writeDurably } from '../files/durable-file.ts'
import { keptTapes } from '../files/kept-tapes.ts'
import type { FromStudioHost, StudioTask } from './messages.ts'

type Outcome = Omit<Extract<FromStudioHost, { type: 'done' }>, 'type'>
type Task<K extends StudioTask['kind']> = Extract<StudioTask, { kind: K }>

/** What no meter tells: silence has no loudness (ITU-R BS.1770: the gate leaves nothing), and JSON has no infinity. */
const SILENCE_DB = -120

/** @throws Refusal, the signal's reason, or what FFmpeg and the file system say. */
export function runTask(task: StudioTask, options: StudioJobOptions): Promise<Outcome> {
  switch (task.kind) {
    case 'assemble':
      return assemble(task, options)
    case 'mix':
      return mix(task, options)
    case 'tracks':
      return tracks(task, options)
  }
}

async function assemble({ takeFolder, nowMs }: Task<'assemble'>, options: StudioJobOptions): Promise<Outcome> {
  const tapes = await keptTapes(takeFolder)
  const outFolder = path.join(takeFolder, STUDIO_FOLDER)
  const manifest = await manifestIn(takeFolder)
  const report = await assembleTake({ manifest, takeFolder, tapes, outFolder, nowMs }, options)
  await flushFilesIn(outFolder)
  const assembled: Assembled = { chunkCount: tapes.reduce((sum, { chunks }) => sum + chunks.length, 0) }
  await writeDurably(path.join(outFolder, ASSEMBLED_NAME), Buffer.from(JSON.stringify(assembled)))
  await writeDurably(path.join(outFolder, TAKE_REPORT_NAME), Buffer.from(`${JSON.stringify(report, null, 1)}\n`))
  return { files: [], facts: null }
}

async function mix(task: Task<'mix'>, options: StudioJobOptions): Promise<Outcome> {
  const { takeFolder, report, format, outFile } = task
  await mkdir(path.dirname(outFile), { recursive: true })
  const studioFolder = path.join(takeFolder, STUDIO_FOLDER)
  const edits = { ...task.edits, intro: null, outro: null }
  const tags = { title: report.roomTitle }
  const facts = await renderMix({ report, studioFolder, edits, assets: {}, format, outFile, tags }, options)
  await flushFile(outFile)
  const { integratedLufs, truePeakDbtp, lengthMs } = facts
  return {
    files: [path.basename(outFile)],
    facts: { integratedLufs: finite(integratedLufs), truePeakDbtp: finite(truePeakDbtp), lengthMs },
  }
}

async function tracks(task: Task<'tracks'>, options: StudioJobOptions): Promise<Outcome> {
  const { takeFolder, report, edits, edited, format, projects, outFolder } = task
  await mkdir(outFolder, { recursive: true })
  const studioFolder = path.join(takeFolder, STUDIO_FOLDER)
  const { timeline } = await manifestIn(takeFolder)
  const input = { report, studioFolder, edits, edited, format, projects, outFolder, title: report.roomTitle, timeline }
  const { files } = await renderTracks(input, options)
  await flushFilesIn(outFolder)
  return { files: files.map((file) => path.join(path.basename(outFolder), path.basename(file))), facts: null }
}

async function manifestIn(takeFolder: string): Promise<TakeManifest> {
  return takeManifestSchema.parse(JSON.parse(await readFile(path.join(takeFolder, TAKE_MANIFEST_NAME), 'utf8')))
}

/** What was made is on the disk itself when it is said to be done. */
async function flushFilesIn(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries) if (entry.isFile()) await flushFile(path.join(folder, entry.name))
}

function finite(levelDb: number): number {
  return Number.isFinite(levelDb) ? levelDb : SILENCE_DB
}
