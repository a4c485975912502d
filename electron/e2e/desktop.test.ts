import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Browser, ElectronApplication, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  TAKE_FORMAT_VERSION,
  TAKE_MANIFEST_NAME,
  type TakeManifest,
  takeManifestSchema,
} from '../../sfu-core/contract/take.ts'
import { DESKTOP_BRIDGE_KEY, DESKTOP_ORIGIN, type DesktopBridge, type HostingStatus } from '../contract/bridge.ts'
import { hearsSpeech, peerCount } from './peer-hook.ts'
import {
  openBrowser,
  openDesktop,
  openScreen,
  REPOSITORY,
  type RunningServer,
  startServer,
  temporaryFolder,
  whyNoDesktop,
} from './runtime.ts'

/** issue: "the sfu-host is killed with SIGKILL and the room is heard again within 5 s". */
const HEARD_AGAIN_MS = 5_000
const FIRST_SOUND_MS = 20_000
/** Ctrl-C: "in under two seconds" for the whole; this is the desktop's share. */
const QUIT_MS = 1_500
const KEEP_OPEN = 'Rooms run on this computer: keep the app open.'

declare global {
  interface Window {
    [DESKTOP_BRIDGE_KEY]: DesktopBridge
  }
}

const obstacle = whyNoDesktop()
if (obstacle !== null) process.stdout.write(`\n${obstacle}\n\n`)

const say = (line: string) => process.stdout.write(`desktop: ${line}\n`)

describe.skipIf(obstacle !== null)('the desktop app', () => {
  let serverData: ReturnType<typeof temporaryFolder>
  let desktopData: ReturnType<typeof temporaryFolder>
  let takesFolder: string
  let screen: Awaited<ReturnType<typeof openScreen>>
  let server: RunningServer
  let app: ElectronApplication
  /** Playwright forgets it when it has ended. */
  let main: ChildProcess
  let host: Page
  let browser: Browser
  let guest: Page

  beforeAll(async () => {
    if (!existsSync(path.join(REPOSITORY, '.vite/build/main.mjs')))
      throw new Error('The bundles are missing: npm run build')
    serverData = temporaryFolder('desktop-server')
    desktopData = temporaryFolder('desktop-app')
    takesFolder = path.join(desktopData.path, 'desktop', 'takes')
    await leaveOpenTake()
    screen = await openScreen()
    server = await startServer(serverData.path)
    const startedAtMs = performance.now()
    ;({ app, window: host } = await openDesktop({
      serverUrl: server.url,
      dataFolder: desktopData.path,
      display: screen.display,
      clip: 'host.wav',
    }))
    main = app.process()
    say(`the window was loaded after ${(performance.now() - startedAtMs).toFixed(0)} ms`)
    ;({ browser, page: guest } = await openBrowser('guest.wav'))
    await keepMainQuiet()
  })

  afterAll(async () => {
    main?.kill('SIGKILL')
    await browser?.close()
    await server?.stop()
    screen?.close()
    serverData?.remove()
    desktopData?.remove()
  })

  /** As a computer that lost its power leaves it. */
  async function leaveOpenTake(): Promise<void> {
    const take = {
      version: TAKE_FORMAT_VERSION,
      takeId: 'take-left-open',
      roomId: 'room-left-open',
      roomTitle: 'Before the power went',
      startedAtMs: Date.UTC(2026, 0, 1),
      endedAtMs: null,
      endedBy: null,
      continues: null,
      participants: [],
      tracks: [],
      timeline: [],
    }
    const folder = path.join(takesFolder, take.roomId, take.takeId)
    await mkdir(folder, { recursive: true })
    await writeFile(path.join(folder, TAKE_MANIFEST_NAME), JSON.stringify(take))
  }

  /** No browser, no file manager and no question may open on the machine that runs the tests; what was asked is kept. */
  async function keepMainQuiet(): Promise<void> {
    await app.evaluate(({ shell, dialog }) => {
      const asked: string[] = []
      Object.assign(globalThis, { asked })
      shell.openExternal = async (url) => {
        asked.push(`external ${url}`)
      }
      shell.openPath = async (folder) => {
        asked.push(`path ${folder}`)
        return ''
      }
      // The second button: keep hosting.
      dialog.showMessageBox = async () => {
        asked.push('question')
        return { response: 1, checkboxChecked: false }
      }
    })
  }

  const asked = () => app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked)
  const hosting = (): Promise<HostingStatus> => host.evaluate(() => window.engawaDesktop.hosting.status())
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
  const inRoom = (page: Page) => page.locator('html[data-room-state="connected"]').waitFor()

  async function hostingPid(): Promise<number> {
    const status = await hosting()
    if (status.state !== 'hosting') throw new Error(`hosting is ${status.state}`)
    return status.pid
  }

  async function takesOnDisk(): Promise<TakeManifest[]> {
    const entries = await readdir(takesFolder, { recursive: true })
    const files = entries.filter((entry) => path.basename(entry) === TAKE_MANIFEST_NAME)
    const texts = await Promise.all(files.map((file) => readFile(path.join(takesFolder, file), 'utf8')))
    return texts.map((text) => takeManifestSchema.parse(JSON.parse(text))).sort((a, b) => a.startedAtMs - b.startedAtMs)
  }

  describe('keeps the page in its place', () => {
    it('the page is ours, and has no Node', async () => {
      expect(await host.evaluate(() => location.origin)).toBe(DESKTOP_ORIGIN)
      const kinds = await host.evaluate(() =>
        ['require', 'process', 'module', 'Buffer', 'global'].map((name) => typeof (window as never)[name]),
      )
      expect(kinds).toEqual(Array(5).fill('undefined'))
      expect(await host.evaluate(() => window.engawaDesktop.serverUrl())).toBe(server.url)
    })

    it('web links open in the browser of the system, other addresses nowhere, windows never', async () => {
      const go = (address: string) => host.evaluate((to) => void window.location.assign(to), address)
      await go('https://example.org/elsewhere')
      await expect.poll(asked).toContain('external https://example.org/elsewhere')
      await go('file:///etc/passwd')
      expect(await host.evaluate(() => window.open('https://example.org/window') === null)).toBe(true)
      expect(await host.evaluate(() => window.open('about:blank') === null)).toBe(true)
      await expect.poll(asked).toContain('external https://example.org/window')
      expect(new URL(host.url()).protocol).toBe('app:')
      expect(app.windows()).toHaveLength(1)
      expect(await asked()).toHaveLength(2)
    })

    it('the microphone is given, the camera, the screen and the rest are not', async () => {
      const ask = (constraints: MediaStreamConstraints) =>
        host.evaluate(
          (wanted) =>
            navigator.mediaDevices.getUserMedia(wanted).then(
              (stream) =>
                stream
                  .getTracks()
                  .map((track) => track.kind)
                  .join(),
              (error: DOMException) => error.name,
            ),
          constraints,
        )
      expect(await ask({ audio: true })).toBe('audio')
      expect(await ask({ video: true })).toBe('NotAllowedError')
      expect(await ask({ audio: true, video: true })).toBe('NotAllowedError')
      const screenShare = host.evaluate(() =>
        navigator.mediaDevices.getDisplayMedia({ video: true }).then(
          () => 'given',
          (error: DOMException) => error.name,
        ),
      )
      expect(await screenShare).toBe('NotAllowedError')
      expect(await host.evaluate(() => Notification.requestPermission())).toBe('denied')
    })

    it('the page talks to its server and to nobody else', async () => {
      const reach = (url: string) =>
        host.evaluate(
          (to) =>
            fetch(to).then(
              (answer) => answer.ok,
              () => false,
            ),
          url,
        )
      expect(await reach(`${server.url}/api/info`)).toBe(true)
      expect(await reach('http://127.0.0.1:1/')).toBe(false)
      expect(await reach(`${DESKTOP_ORIGIN}/..%2f..%2fpackage.json`)).toBe(false)
    })

    it('calls with bad input are refused', async () => {
      const refused = (call: () => Promise<unknown>) => expect(call()).rejects.toThrow(/Refused/)
      const start = (request: unknown) => () =>
        host.evaluate((given) => window.engawaDesktop.hosting.start(given as never), request)
      await refused(start(7))
      await refused(start({ serverUrl: server.url, nodeToken: '' }))
      await refused(start({ serverUrl: 'file:///etc', nodeToken: 'x' }))
      await refused(start({ serverUrl: 'https://evil.example', nodeToken: 'x' }))
      for (const takeId of ['../../etc', '', 'unknown', 7])
        expect(await host.evaluate((id) => window.engawaDesktop.openTakeFolder(id as never), takeId)).toBe(false)
      expect(await hosting()).toEqual({ state: 'off' })
    })

    it('a permission to host that the server did not give is refused in plain words', async () => {
      const status = await host.evaluate(async () =>
        window.engawaDesktop.hosting.start({
          serverUrl: await window.engawaDesktop.serverUrl(),
          nodeToken: 'made up',
        }),
      )
      expect(status.state).toBe('failed')
      await host.evaluate(() => window.engawaDesktop.hosting.stop())
      expect(await hosting()).toEqual({ state: 'off' })
    })
  })

  it('a take that a crash left open is closed without hosting', async () => {
    await expect.poll(takesOnDisk, { timeout: 10_000 }).toMatchObject([{ takeId: 'take-left-open', endedBy: 'crash' }])
    expect(await hosting()).toEqual({ state: 'off' })
    await rm(path.join(takesFolder, 'room-left-open'), { recursive: true })
  })

  describe('hosts a room', () => {
    it('the host registers, creates a room on this computer and goes live; a browser joins and hears it', async () => {
      await host.goto(`${DESKTOP_ORIGIN}/register`)
      await host.getByLabel('Name', { exact: true }).fill('Hana')
      await host.getByLabel('E-mail address').fill('hana@example.org')
      await host.getByLabel('Password', { exact: true }).fill('slow trains at night')
      await button(host, 'Create account').click()
      await host.getByRole('link', { name: 'New room' }).first().click()
      await host.getByLabel('Title').fill('Slow trains')
      await host.getByRole('radio', { name: 'On this computer' }).check({ force: true })
      await button(host, 'Create room').click()
      const link = await host.getByLabel('Invite link').first().inputValue()
      const clickedAtMs = performance.now()
      await button(host, 'Go live').click()
      await inRoom(host)
      say(`live ${(performance.now() - clickedAtMs).toFixed(0)} ms after the click`)
      await guest.goto(link)
      await guest.getByLabel('Your name').fill('Gus')
      await button(guest, 'Enter the room').click()
      await inRoom(guest)
      await hearsSpeech(guest, { olderPeers: 0, timeoutMs: FIRST_SOUND_MS })
      expect(await hosting()).toMatchObject({ state: 'hosting', rooms: 1 })
      await host.getByText(KEEP_OPEN).waitFor()
    })

    it('the hosting process is killed, and the room is heard again', async () => {
      await button(host, 'Record').click()
      await guest
        .getByText(/Recording since/)
        .first()
        .waitFor()
      await expect.poll(async () => (await takesOnDisk()).at(-1)?.tracks.length ?? 0).toBeGreaterThan(0)
      const pid = await hostingPid()
      const olderPeers = await peerCount(guest)
      const killedAtMs = performance.now()
      process.kill(pid, 'SIGKILL')
      await hearsSpeech(guest, { olderPeers, timeoutMs: 4 * HEARD_AGAIN_MS })
      const heardAgainMs = performance.now() - killedAtMs
      say(`heard again ${heardAgainMs.toFixed(0)} ms after the kill`)
      expect(heardAgainMs).toBeLessThan(HEARD_AGAIN_MS)
      expect(await hostingPid()).not.toBe(pid)
    })

    it('the recording goes on in a take that continues the first, and both are on this computer', async () => {
      await expect.poll(async () => (await takesOnDisk()).length, { timeout: 10_000 }).toBe(2)
      await button(host, 'Stop recording').click()
      await button(host, 'Record').waitFor()
      await expect.poll(async () => (await takesOnDisk()).at(-1)?.endedBy).toBe('stopped')
      const [first, second] = await takesOnDisk()
      expect(first?.endedBy).toBe('crash')
      expect(second?.continues).toBe(first?.takeId)
      const isOpened = await host.evaluate((id) => window.engawaDesktop.openTakeFolder(id), String(first?.takeId))
      expect(isOpened).toBe(true)
      expect((await asked()).at(-1)).toBe(
        `path ${path.join(takesFolder, String(first?.roomId), String(first?.takeId))}`,
      )
    })

    it('who hosts is asked before the app quits', async () => {
      await app.evaluate(({ app: electronApp }) => electronApp.quit())
      await expect.poll(async () => (await asked()).at(-1)).toBe('question')
      expect(await hosting()).toMatchObject({ state: 'hosting' })
    })

    it('when the room has ended, nothing is hosted any more, and the node is there for the next one', async () => {
      await button(host, 'End room').click()
      await host.getByRole('alertdialog').getByRole('button', { name: 'End room', exact: true }).click()
      await host.getByText(KEEP_OPEN).waitFor({ state: 'detached' })
      expect(await hosting()).toMatchObject({ state: 'hosting', rooms: 0 })
    })

    it('a signal ends all of it without asking', async () => {
      const pid = await hostingPid()
      const exited = new Promise<number | null>((resolve) => main.once('exit', (code) => resolve(code)))
      const signalledAtMs = performance.now()
      main.kill('SIGTERM')
      expect(await exited).toBe(0)
      const quitMs = performance.now() - signalledAtMs
      say(`quit ${quitMs.toFixed(0)} ms after the signal`)
      expect(quitMs).toBeLessThan(QUIT_MS)
      // An orphan's entry stays until the system has buried it.
      await expect.poll(() => isAlive(pid)).toBe(false)
    })
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
