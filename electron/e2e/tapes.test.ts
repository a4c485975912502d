import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TapeChunkHeader, tapeChunkHeaderSchema } from '../../sfu-core/contract/tape.ts'
import { DESKTOP_ORIGIN } from '../contract/bridge.ts'
import { IPC } from '../contract/ipc.ts'
import {
  openDesktop,
  openScreen,
  REPOSITORY,
  type RunningServer,
  startServer,
  temporaryFolder,
  whyNoDesktop,
} from './runtime.ts'

/** What lies between the microphone and the disk when all of the app is killed: 40 to 100 ms on a quiet machine; every process waits for its turn on a busy one. */
const ON_ITS_WAY_MS = 500
const SENT_TIMEOUT_MS = 40_000
const STUDIO_TIMEOUT_MS = 60_000

const obstacle = whyNoDesktop() ?? (process.platform === 'linux' ? null : 'Linux only')
const say = (line: string) => process.stdout.write(`desktop: ${line}\n`)

describe.skipIf(obstacle !== null)('a recording on the desktop', () => {
  let serverData: ReturnType<typeof temporaryFolder>
  let desktopData: ReturnType<typeof temporaryFolder>
  let screen: Awaited<ReturnType<typeof openScreen>>
  let server: RunningServer
  let app: ElectronApplication
  let host: Page

  beforeAll(async () => {
    if (!existsSync(path.join(REPOSITORY, '.vite/build/main.mjs')))
      throw new Error('The bundles are missing: npm run build')
    serverData = temporaryFolder('tapes-server')
    desktopData = temporaryFolder('tapes-app')
    screen = await openScreen()
    server = await startServer(serverData.path)
    await open()
    await host.goto(`${DESKTOP_ORIGIN}/register`)
    await host.getByLabel('Name', { exact: true }).fill('Hana')
    await host.getByLabel('E-mail address').fill('hana@example.org')
    await host.getByLabel('Password', { exact: true }).fill('slow trains at night')
    await button('Create account').click()
    await host.getByRole('link', { name: 'New room' }).first().waitFor()
  })

  afterAll(async () => {
    killAll()
    await server?.stop()
    screen?.close()
    serverData?.remove()
    desktopData?.remove()
  })

  async function open(): Promise<void> {
    const { url: serverUrl } = server
    const { display } = screen
    ;({ app, window: host } = await openDesktop({
      serverUrl,
      dataFolder: desktopData.path,
      display,
      clip: 'host.wav',
    }))
  }

  const button = (name: string) => host.getByRole('button', { name, exact: true })
  const tapesFolder = () => path.join(desktopData.path, 'desktop', 'tapes')
  const unsentTapes = () => readdir(tapesFolder()).catch(() => [])

  /** SIGKILL to the app and all that it started, as when the power goes. Answers when, in ms since the Unix epoch. */
  function killAll(): number {
    const main = app?.process().pid
    if (main === undefined || app.process().exitCode !== null) return Date.now()
    const pids = [main, ...descendantsOf(main)]
    const atMs = Date.now()
    for (const pid of pids) killQuietly(pid)
    return atMs
  }

  async function recordInNewRoom(kept: 'This server too' | 'This computer only'): Promise<void> {
    await host.goto(`${DESKTOP_ORIGIN}/new`)
    await host.getByLabel('Title').fill('Slow trains')
    await host.getByRole('radio', { name: 'On this computer' }).check({ force: true })
    await host.getByRole('radio', { name: kept }).check({ force: true })
    await button('Create room').click()
    await button('Go live').click()
    await host.locator('html[data-room-state="connected"]').waitFor()
    await button('Record').click()
  }

  async function endRoom(): Promise<void> {
    await button('End room').click()
    await host.getByRole('alertdialog').getByRole('button', { name: 'End room', exact: true }).click()
  }

  async function filesUnder(folder: string): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true }).catch(() => [])
    return entries.map((entry) => path.join(folder, entry)).sort()
  }
  const serverFlacs = async () =>
    (await filesUnder(path.join(serverData.path, 'takes'))).filter((file) => /\/tapes\/[^/]+\/\d+\.flac$/.test(file))
  const hostFlacs = async () =>
    (await filesUnder(path.join(desktopData.path, 'desktop', 'takes'))).filter((file) => file.endsWith('.flac'))

  async function headersBeside(flacs: readonly string[]): Promise<TapeChunkHeader[]> {
    const texts = await Promise.all(flacs.map((file) => readFile(file.replace(/flac$/, 'json'), 'utf8')))
    return texts.map((text) => tapeChunkHeaderSchema.parse(JSON.parse(text)))
  }

  /** Its end is here, and as much of it as its page had. */
  async function isWhole(flacs: readonly string[]): Promise<boolean> {
    const words = await readFile(path.join(path.dirname(flacs[0] ?? ''), 'tape.json'), 'utf8')
    const { declaredSamples } = JSON.parse(words) as { declaredSamples: number | null }
    const headers = await headersBeside(flacs)
    return declaredSamples === headers.reduce((sum, { sampleCount }) => sum + sampleCount, 0)
  }

  async function workerOrigin(): Promise<number> {
    const worker = host.workers().find((each) => each.url().includes('tape-worker'))
    return (await worker?.evaluate(() => performance.timeOrigin)) ?? Number.NaN
  }

  it('lies in files of the app`s own folder, for its owner alone, until the server has it', async () => {
    await recordInNewRoom('This server too')
    await expect.poll(async () => (await serverFlacs()).length, { timeout: SENT_TIMEOUT_MS }).toBeGreaterThan(0)
    const [tapeId = ''] = await unsentTapes()
    const names = await readdir(path.join(tapesFolder(), tapeId))
    expect(names).toContain('beginning.json')
    // The newest chunk's header; its sound is here until it is sent.
    expect(names.some((name) => /^\d{6}\.json$/.test(name))).toBe(true)
    expect((await stat(path.join(tapesFolder(), tapeId))).mode & 0o077).toBe(0)
    expect((await stat(path.join(tapesFolder(), tapeId, 'beginning.json'))).mode & 0o077).toBe(0)
    await endRoom()
    await expect.poll(unsentTapes, { timeout: SENT_TIMEOUT_MS }).toEqual([])
  })

  // Both stores; the browser's is what the app falls back on. Kept on this computer only, so that the headers can be looked at.
  it.each(['files', 'the browser`s storage'] as const)(
    'is not lost when the whole app is killed (SIGKILL), and comes at the next start: %s',
    async (store) => {
      const before = new Set(await hostFlacs())
      const fresh = async () => (await hostFlacs()).filter((file) => !before.has(file))
      if (store !== 'files') {
        await app.evaluate(({ ipcMain }, channel) => void ipcMain.removeAllListeners(channel), IPC.tapePort)
        await host.reload()
      }
      await recordInNewRoom('This computer only')
      await expect.poll(async () => (await fresh()).length, { timeout: SENT_TIMEOUT_MS }).toBeGreaterThan(0)
      expect((await unsentTapes()).length).toBe(store === 'files' ? 1 : 0)
      const originMs = await workerOrigin()
      await host.waitForTimeout(2_500)
      const killedAtMs = killAll()

      await open()
      await expect.poll(async () => isWhole(await fresh()), { timeout: SENT_TIMEOUT_MS }).toBe(true)
      await expect.poll(unsentTapes, { timeout: SENT_TIMEOUT_MS }).toEqual([])
      await expect.poll(serverFlacsOfHost, { timeout: SENT_TIMEOUT_MS }).toEqual([])
      const headers = await headersBeside(await fresh())
      const samples = headers.reduce((sum, { sampleCount }) => sum + sampleCount, 0)
      expect(headers.map(({ index }) => index)).toEqual(headers.map((_, at) => at))
      expect(headers.at(-1)?.firstSample).toBe(samples - (headers.at(-1)?.sampleCount ?? 0))
      const marks = headers.flatMap((header) => header.marks).slice(-8)
      const lateMs = Math.min(...marks.map(([sample, atMs]) => atMs - sample / 48))
      const lostMs = killedAtMs - (originMs + lateMs + samples / 48)
      say(`in ${store}, the last sample was captured ${lostMs.toFixed(1)} ms before the kill`)
      expect(lostMs).toBeLessThan(ON_ITS_WAY_MS)
    },
  )

  it('that is kept here is put together and exported here', async () => {
    await app.evaluate(({ shell }) => {
      const opened: string[] = []
      Object.assign(globalThis, { opened })
      shell.openPath = async (folder) => {
        opened.push(folder)
        return ''
      }
    })
    const takeFolder = path.join(path.dirname((await hostFlacs()).at(-1) ?? ''), '..', '..')
    const takeId = path.basename(takeFolder)
    await endKeptRoom()
    await host.goto(`${DESKTOP_ORIGIN}/recordings/${takeId}`)
    await button('Put the tracks together here').click()
    await host
      .getByText(/speaker lossless, 0 gaps|gap/)
      .first()
      .waitFor({ timeout: STUDIO_TIMEOUT_MS })
    expect(await readdir(path.join(takeFolder, 'studio'))).toContain('take-report.json')
    const made = async () => (await readdir(path.join(takeFolder, 'exports'), { recursive: true })).sort()
    await button('Make it').click()
    await host.getByText('Slow trains.mp3 is ready').waitFor({ timeout: STUDIO_TIMEOUT_MS })
    expect(await made()).toEqual(['Slow trains.mp3'])
    await host.getByRole('radio', { name: 'One file for each speaker' }).check({ force: true })
    await button('Make it').click()
    await host.getByText(/files are ready/).waitFor({ timeout: STUDIO_TIMEOUT_MS })
    expect((await made()).some((name) => name.endsWith('Hana.flac'))).toBe(true)
    say(`exported here: ${(await made()).join(', ')}`)
    await button('Show in folder').click()
    await expect
      .poll(() => app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened))
      .toEqual([path.join(takeFolder, 'exports')])
    expect(await serverFlacsOfHost()).toEqual([])
  })

  it('that is not sent yet is asked about before the app quits, and is sent without the window', async () => {
    await app.evaluate(({ dialog }) => {
      const questions: string[] = []
      Object.assign(globalThis, { questions })
      // The first button: quit hosting; send in the background, then quit.
      dialog.showMessageBox = async (...given: unknown[]) => {
        const { message } = given.at(-1) as { message: string }
        questions.push(message)
        return { response: 0, checkboxChecked: false }
      }
    })
    await recordInNewRoom('This server too')
    await expect.poll(async () => (await unsentTapes()).length, { timeout: SENT_TIMEOUT_MS }).toBe(1)
    const main = app.process()
    const exited = new Promise<number | null>((resolve) => main.once('exit', (code) => resolve(code)))
    const questions = app.evaluate(
      ({ app: electronApp }) =>
        new Promise<string[]>((resolve) => {
          electronApp.quit()
          const { questions: asked } = globalThis as unknown as { questions: string[] }
          const look = () => (asked.length === 2 ? resolve(asked) : setTimeout(look, 20))
          look()
        }),
    )
    expect(await questions).toEqual([
      'This computer is hosting a room.',
      expect.stringMatching(/^A recording of your voice \(\d+ MB\) is not sent yet\.$/),
    ])
    expect(await exited).toBe(0)
    expect(await unsentTapes()).toEqual([])
  })

  /** The room came back with the app, without its host. */
  async function endKeptRoom(): Promise<void> {
    await host
      .getByRole('link', { name: /Slow trains/ })
      .first()
      .click()
    await button('End the room').click()
    await host.getByRole('alertdialog').getByRole('button', { name: 'End the room', exact: true }).click()
    await host.getByText('This room has ended.').first().waitFor()
  }

  /** Of rooms that keep their recordings here; the first room's stay with the server. */
  async function serverFlacsOfHost(): Promise<string[]> {
    const kept = new Set((await hostFlacs()).map((file) => path.basename(path.dirname(file))))
    return (await serverFlacs()).filter((file) => kept.has(path.basename(path.dirname(file))))
  }
})

function descendantsOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  const pids = stdout
    .split('\n')
    .map(Number)
    .filter((child) => child > 0)
  return pids.flatMap((child) => [child, ...descendantsOf(child)])
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended with its parent.
  }
}
