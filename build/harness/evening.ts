import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { TAKE_MANIFEST_NAME, type TakeManifest, takeManifestSchema } from '../../sfu-core/contract/take.ts'
import {
  STUDIO_FOLDER,
  type StudioTrack,
  TAKE_REPORT_NAME,
  type TakeReport,
  takeReportSchema,
} from '../../sfu-core/contract/take-report.ts'
import type { TapeSource } from '../../sfu-core/contract/tape.ts'
import { decodeExactly, keptTapes } from './tapes.ts'

/** What people do around a recording, and what is on the server's disk afterwards. */

/** The take is put together by then, once all of its sound is here. */
const ASSEMBLED_TIMEOUT_MS = 60_000
const EVENT_TIMEOUT_MS = 60_000
const LOOK_MS = 250

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** The host presses Record, and everybody in `others` is told. */
export async function startRecording(host: Page, others: readonly Page[] = []): Promise<void> {
  await button(host, 'Record').click()
  await button(host, 'Stop recording').waitFor()
  for (const page of others)
    await page
      .getByText(/Recording since/)
      .first()
      .waitFor()
}

export async function stopRecording(host: Page): Promise<void> {
  await button(host, 'Stop recording').click()
  await button(host, 'Record').waitFor()
}

/** A listener of a recorded room agrees, raises a hand and is brought on stage. */
export async function bringOnStage(host: Page, guest: Page, name: string): Promise<void> {
  await button(guest, 'Raise hand').click()
  await button(guest, 'Agree and raise hand').click()
  await button(host, `Bring on stage: ${name}`).click()
  await onStage(guest)
}

/** Waits until the page's microphone is open. */
export async function onStage(page: Page): Promise<void> {
  await button(page, 'Mute').waitFor()
}

/** A take as the server's disk has it. */
export interface TakeOnDisk {
  folder: string
  manifest: TakeManifest
}

/** All takes of a server, oldest first. */
export function takesOnDisk(dataFolder: string): TakeOnDisk[] {
  const takes = path.join(dataFolder, 'takes')
  if (!existsSync(takes)) return []
  return readdirSync(takes, { recursive: true, encoding: 'utf8' })
    .filter((entry) => path.basename(entry) === TAKE_MANIFEST_NAME)
    .map((entry) => {
      const file = path.join(takes, entry)
      return { folder: path.dirname(file), manifest: takeManifestSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) }
    })
    .sort((a, b) => a.manifest.startedAtMs - b.manifest.startedAtMs)
}

export function newestTake(dataFolder: string): TakeOnDisk {
  const take = takesOnDisk(dataFolder).at(-1)
  if (take === undefined) throw new Error('there is no take')
  return take
}

/** Waits for `what` to be there. Looks again and again: what it waits for is on a disk, or in another program. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  timeoutMs = EVENT_TIMEOUT_MS,
): Promise<Exclude<T, null | undefined | false>> {
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== null && found !== undefined && found !== false) return found as Exclude<T, null | undefined | false>
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs / 1_000} s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** Nothing of any tape is left in a page's browser: the server has it all. */
export async function allSent(page: Page): Promise<void> {
  await eventually('all tapes are sent', async () => (await keptTapes(page)).length === 0)
}

/** A take that was put together. */
export interface Assembled {
  take: TakeOnDisk
  report: TakeReport
  trackOf(name: string, source?: TapeSource): StudioTrack
  /** The samples of somebody's track, 24 bit. */
  soundOf(name: string, source?: TapeSource): Promise<Int32Array>
}

/** Waits until a take is put together, and its report is as `isWhole` wants it (late sound makes another one). */
export async function assembled(
  folder: string,
  isWhole: (report: TakeReport) => boolean = () => true,
): Promise<Assembled> {
  const file = path.join(folder, STUDIO_FOLDER, TAKE_REPORT_NAME)
  let last = 'no report'
  const report = await eventually(
    'the take is put together',
    () => {
      if (!existsSync(file)) return null
      last = readFileSync(file, 'utf8')
      const read = takeReportSchema.parse(JSON.parse(last))
      return isWhole(read) ? read : null
    },
    ASSEMBLED_TIMEOUT_MS,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${last}`)
  })
  const manifest = takeManifestSchema.parse(JSON.parse(readFileSync(path.join(folder, TAKE_MANIFEST_NAME), 'utf8')))
  const trackOf = (name: string, source: TapeSource = 'processed') => {
    const track = report.tracks.find((one) => one.name === name && one.source === source)
    if (track === undefined) throw new Error(`no ${source} track of ${name}`)
    return track
  }
  return {
    take: { folder, manifest },
    report,
    trackOf,
    soundOf: (name, source) => decodeExactly(path.join(folder, STUDIO_FOLDER, trackOf(name, source).file)),
  }
}

/** A disk of its own for a folder, in memory. Linux, root. */
export function mountSmallDisk(folder: string, sizeMb: number): Disposable {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'engawa-test', folder])
  return { [Symbol.dispose]: () => execFileSync('umount', ['-l', folder]) }
}
