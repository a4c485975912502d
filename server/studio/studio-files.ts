import { existsSync } from 'node:fs'
import { lstat, mkdir, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  STUDIO_FOLDER,
  TAKE_REPORT_JWS_NAME,
  TAKE_REPORT_NAME,
  type TakeReport,
  takeReportSchema,
} from '../../sfu-core/contract/take-report.ts'
import { systemCodeOf } from '../start-problem.ts'
import { isSafeName, type TakePlace } from '../takes/take-files.ts'

/**
 * What the studio makes, in the take's folder: `studio/` (tracks, peaks, report), `renders/<jobId>/`, `studio-assets/<assetId>`. A
 * job works in `studio-work/<jobId>-<start>/`; what came of it appears whole or not at all.
 */
export interface StudioFiles {
  takeFolder(place: TakePlace): string
  studioFolder(place: TakePlace): string
  renderFolder(place: TakePlace, jobId: string): string
  assetFile(place: TakePlace, assetId: string): string
  /** Empty. */
  newWorkFolder(place: TakePlace, name: string): Promise<string>
  removeWorkFolder(folder: string): Promise<void>
  /** The tracks in the folder, with their signed report, take the place of those that were there. */
  publishTracks(
    place: TakePlace,
    made: { folder: string; report: TakeReport; jws(content: string): Promise<string> },
  ): Promise<void>
  /** Names and sizes of what was made. */
  publishRender(place: TakePlace, made: { folder: string; jobId: string }): Promise<RenderedFile[]>
  removeRender(place: TakePlace, jobId: string): Promise<void>
  publishAsset(place: TakePlace, made: { file: string; assetId: string }): Promise<void>
  removeAsset(place: TakePlace, assetId: string): Promise<void>
  /** Null until the take was assembled. */
  report(place: TakePlace): Promise<TakeReport | null>
  /** Of the disk on which the takes are. */
  freeBytes(): Promise<number>
  /** Work folders of an earlier run of the server. */
  removeLeftovers(): Promise<void>
}

export interface RenderedFile {
  name: string
  sizeBytes: number
}

const WORK_FOLDER = 'studio-work'
const RENDERS_FOLDER = 'renders'
const ASSETS_FOLDER = 'studio-assets'

export function createStudioFiles(takesFolder: string): StudioFiles {
  const takeFolder = ({ roomId, takeId }: TakePlace) => path.join(takesFolder, roomId, takeId)
  const inTake = (place: TakePlace, ...rest: string[]) => path.join(takeFolder(place), ...rest)
  const studioFolder = (place: TakePlace) => inTake(place, STUDIO_FOLDER)
  const renderFolder = (place: TakePlace, jobId: string) => inTake(place, RENDERS_FOLDER, jobId)
  const assetFile = (place: TakePlace, assetId: string) => inTake(place, ASSETS_FOLDER, assetId)
  /** Of this run. */
  const working = new Set<string>()
  return {
    takeFolder,
    studioFolder,
    renderFolder,
    assetFile,
    async newWorkFolder(place, name) {
      const folder = inTake(place, WORK_FOLDER, name)
      working.add(folder)
      await remove(folder)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      return folder
    },
    async removeWorkFolder(folder) {
      await remove(folder)
      working.delete(folder)
    },
    async publishTracks(place, { folder, report, jws }) {
      const content = JSON.stringify(report, null, 2)
      await writeFile(path.join(folder, TAKE_REPORT_NAME), content, { flush: true })
      await writeFile(path.join(folder, TAKE_REPORT_JWS_NAME), await jws(content), { flush: true })
      await replaceFolder(folder, studioFolder(place))
    },
    async publishRender(place, { folder, jobId }) {
      await mkdir(inTake(place, RENDERS_FOLDER), { recursive: true, mode: 0o700 })
      await replaceFolder(folder, renderFolder(place, jobId))
      return filesIn(renderFolder(place, jobId))
    },
    removeRender: (place, jobId) => remove(renderFolder(place, jobId)),
    async publishAsset(place, { file, assetId }) {
      await mkdir(inTake(place, ASSETS_FOLDER), { recursive: true, mode: 0o700 })
      await rename(file, assetFile(place, assetId))
    },
    removeAsset: (place, assetId) => remove(assetFile(place, assetId)),
    report: (place) => readReport(path.join(studioFolder(place), TAKE_REPORT_NAME)),
    async freeBytes() {
      const { bavail, bsize } = await statfs(takesFolder)
      return bavail * bsize
    },
    async removeLeftovers() {
      for (const room of await foldersIn(takesFolder)) {
        for (const take of await foldersIn(room)) {
          const leftovers = await foldersIn(path.join(take, WORK_FOLDER))
          for (const folder of leftovers)
            if (!working.has(folder)) await clearAway(folder, path.join(take, STUDIO_FOLDER))
        }
      }
    },
  }
}

const ASIDE_ENDING = '.old'

/** Killed between two renames, an earlier run left the old tracks aside. */
async function clearAway(folder: string, studioFolder: string): Promise<void> {
  if (folder.endsWith(ASIDE_ENDING) && !existsSync(studioFolder)) await rename(folder, studioFolder)
  else await remove(folder)
}

/** The old one steps aside first: a folder can only be renamed to a name that is free. */
async function replaceFolder(made: string, target: string): Promise<void> {
  const aside = `${made}${ASIDE_ENDING}`
  await rename(target, aside).catch(ignoreMissing)
  await rename(made, target)
  await remove(aside)
}

/** Flat, and nothing but files that can be asked for by name. */
async function filesIn(folder: string): Promise<RenderedFile[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isFile() && isSafeName(entry.name)).map((entry) => entry.name)
  return Promise.all(
    names.toSorted(byNumber).map(async (name) => ({ name, sizeBytes: (await lstat(path.join(folder, name))).size })),
  )
}

/** "10-Ana" after "2-Ben". */
const byNumber = new Intl.Collator('en', { numeric: true }).compare

async function readReport(file: string): Promise<TakeReport | null> {
  const content = await readFile(file, 'utf8').catch(ignoreMissing)
  return content === undefined ? null : takeReportSchema.parse(JSON.parse(content))
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true }).catch(ignoreMissing)) ?? []
  return entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(folder, entry.name))
}

function remove(target: string): Promise<void> {
  return rm(target, { recursive: true, force: true })
}

function ignoreMissing(error: unknown): undefined {
  if (systemCodeOf(error) !== 'ENOENT') throw error
}
