import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Browser, chromium, type ElectronApplication, _electron as electron, type Page } from 'playwright-core'
import { installPeerHook } from './peer-hook.ts'

/** The real programs, driven from outside: server, desktop app, a browser, a screen for them. */

export const REPOSITORY = path.join(import.meta.dirname, '..', '..')
const CLIPS = path.join(REPOSITORY, 'build', 'e2e', 'clips')
const SERVER_READY_TIMEOUT_MS = 60_000

const AUDIO_ARGS = [
  '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  // A machine without a network card has loopback only.
  '--allow-loopback-in-peer-connection',
]
/** Chromium's sandbox refuses root. For tests only: the app itself is never started so. */
const ROOT_ARGS = process.getuid?.() === 0 ? ['--no-sandbox'] : []

/** What keeps the desktop app from being tested here, as one sentence; null: nothing. */
export function whyNoDesktop(): string | null {
  if (electronExecutable() === null) {
    return "The desktop app is not tested: there is no Electron here (run npm start once where Electron's program can be downloaded, or set ELECTRON_OVERRIDE_DIST_PATH)."
  }
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !hasXvfb()) {
    return 'The desktop app is not tested: there is no screen here, and no Xvfb to make one.'
  }
  return null
}

function electronExecutable(): string | null {
  const name =
    { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform as string] ?? 'electron'
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] || path.join(REPOSITORY, 'node_modules/electron/dist')
  const file = path.join(folder, name)
  return existsSync(file) ? file : null
}

function hasXvfb(): boolean {
  try {
    execFileSync('which', ['Xvfb'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The screen that is there, or a virtual one. Answers the value for DISPLAY and the screen's end. */
export async function openScreen(): Promise<{ display: string; close(): void }> {
  const display = process.env['DISPLAY'] ?? ''
  if (process.platform !== 'linux' || display !== '') return { display, close: () => {} }
  const child = spawn('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp', '-screen', '0', '1280x800x24'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const number = await new Promise<string>((resolve, reject) => {
    child.stdio[3]?.once('data', (data: Buffer) => resolve(data.toString('utf8').trim()))
    child.once('exit', () => reject(new Error('Xvfb ended at its start')))
  })
  return { display: `:${number}`, close: () => child.kill() }
}

export function temporaryFolder(name: string): { path: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), `engawa-${name}-`))
  return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) }
}

export interface RunningServer {
  url: string
  stop(): Promise<void>
}

/** Starts the all-in-one server on a free port and waits until it answers. */
export async function startServer(dataFolder: string): Promise<RunningServer> {
  const child = spawn(process.execPath, [path.join(REPOSITORY, 'server', 'main.ts')], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ENGAWA_DATA: dataFolder, ENGAWA_PORT: String(await freePort()) },
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const tooLate = setTimeout(() => child.kill('SIGKILL'), SERVER_READY_TIMEOUT_MS)
  try {
    const url = await readyUrl(child)
    return {
      url,
      stop: () => {
        child.kill('SIGTERM')
        return exited
      },
    }
  } finally {
    clearTimeout(tooLate)
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

function readyUrl(child: ChildProcess): Promise<string> {
  let printed = ''
  const keep = (chunk: Buffer) => {
    printed = (printed + chunk.toString('utf8')).slice(-20_000)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'url' in message) resolve(String(message.url))
    })
    child.once('exit', () => reject(new Error(`The server ended at its start:\n${printed}`)))
  })
}

export interface DesktopOptions {
  serverUrl: string
  dataFolder: string
  display: string
  clip: string
}

/** The desktop app on the bundles that are in .vite/build, with a voice for its microphone. */
export async function openDesktop(options: DesktopOptions): Promise<{ app: ElectronApplication; window: Page }> {
  const executablePath = electronExecutable()
  if (executablePath === null) throw new Error('no Electron')
  const app = await electron.launch({
    executablePath,
    args: [...ROOT_ARGS, ...AUDIO_ARGS, microphone(options.clip), REPOSITORY],
    env: {
      ...(process.env as Record<string, string>),
      DISPLAY: options.display,
      ENGAWA_DATA: options.dataFolder,
      ENGAWA_SERVER_URL: options.serverUrl,
      LANG: 'en_US.UTF-8',
    },
  })
  const window = await app.firstWindow()
  await window.waitForLoadState()
  return { app, window }
}

/** A browser of its own with one page that keeps hold of its peer connections. */
export async function openBrowser(clip: string): Promise<{ browser: Browser; page: Page }> {
  const installed = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium'].find((file) => file && existsSync(file))
  const browser = await chromium.launch({
    ...(installed ? { executablePath: installed } : {}),
    args: [...ROOT_ARGS, ...AUDIO_ARGS, microphone(clip), '--use-fake-ui-for-media-stream', '--disable-gpu'],
  })
  const context = await browser.newContext({ locale: 'en-US' })
  await context.addInitScript(installPeerHook)
  return { browser, page: await context.newPage() }
}

function microphone(clip: string): string {
  return `--use-file-for-fake-audio-capture=${path.join(CLIPS, clip)}`
}
