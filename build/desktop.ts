import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { build } from 'vite'
import { repositoryRoot } from './paths.ts'
import { runIfStale } from './stale.ts'
import { endWithin, type Running } from './supervise.ts'

/** About 120 MB: ten minutes are enough for 2 Mbit/s, and a machine that cannot reach the source fails at once. */
const FETCH_TIMEOUT_MS = 600_000
const FETCH_PROGRESS_MS = 10_000

export type FoundElectron = { found: true; executable: string } | { found: false; why: string }

/** Bundles Electron's main, preload, hosting process and studio where their sources changed. Answers whether it had to. */
export function buildDesktop(): Promise<boolean> {
  return runIfStale({
    name: 'desktop',
    inputs: [
      'electron',
      'sfu-core',
      'server/contract',
      'build/desktop-bundle.ts',
      'build/vite.main.config.ts',
      'build/vite.preload.config.ts',
      'build/vite.sfu-host.config.ts',
      'build/vite.mix-worker.config.ts',
      'build/vite.studio-host.config.ts',
      'package.json',
      'package-lock.json',
    ],
    output: '.vite/build/studio-host.mjs',
    run: async () => {
      // The one that stands for all comes last.
      for (const name of ['main', 'preload', 'sfu-host', 'mix-worker', 'studio-host']) {
        await build({ configFile: path.join(repositoryRoot, 'build', `vite.${name}.config.ts`), logLevel: 'warn' })
      }
    },
  })
}

/**
 * Electron's executable: of ELECTRON_OVERRIDE_DIST_PATH, else of node_modules, fetched by Electron's own script where
 * it is missing. `why` is one sentence for a person.
 */
export async function findElectron(): Promise<FoundElectron> {
  const obstacle = obstacleHere()
  if (obstacle !== null) return { found: false, why: obstacle }
  const overrideFolder = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  if (overrideFolder) return inOverrideFolder(overrideFolder)
  const installed = installedExecutable()
  if (installed !== null) return { found: true, executable: installed }
  if (!(await fetchElectron())) {
    return { found: false, why: "The desktop app was not opened: Electron's program could not be downloaded." }
  }
  const fetched = installedExecutable()
  return fetched !== null
    ? { found: true, executable: fetched }
    : { found: false, why: "The desktop app was not opened: Electron's program is incomplete after the download." }
}

export interface DesktopStart {
  /** Electron's executable. */
  electron: string
  /** Origin of the server that the window talks to. */
  serverUrl: string
}

/** Opens the desktop app on the bundles that `buildDesktop` made. */
export function openDesktop({ electron, serverUrl }: DesktopStart): Running {
  const child = spawn(electron, [repositoryRoot], {
    cwd: repositoryRoot,
    env: { ...process.env, ENGAWA_SERVER_URL: serverUrl },
    // Its lines are in its own log file; the terminal is for what a person has to read.
    stdio: 'ignore',
    // A group of its own: Ctrl-C comes to it once, from us, and not a second time from the terminal.
    detached: process.platform !== 'win32',
  })
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1))
    child.once('error', () => resolve(1))
  })
  return { exited, stop: (graceMs) => endWithin(child, exited, graceMs) }
}

/** What on this machine keeps a window from opening, whatever Electron is installed. */
function obstacleHere(): string | null {
  if (process.platform !== 'linux') return null
  if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    return 'The desktop app was not opened: there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set).'
  }
  if (process.getuid?.() === 0) {
    return 'The desktop app was not opened: Chromium protects its pages by a sandbox that does not work for root.'
  }
  return null
}

function inOverrideFolder(folder: string): FoundElectron {
  const executable = path.join(folder, executableName())
  if (existsSync(executable)) return { found: true, executable }
  return { found: false, why: `The desktop app was not opened: ELECTRON_OVERRIDE_DIST_PATH has no ${executable}.` }
}

/** As Electron's install.js names it. */
function executableName(): string {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return process.platform === 'win32' ? 'electron.exe' : 'electron'
}

function electronFolder(): string {
  return path.dirname(createRequire(import.meta.url).resolve('electron/package.json'))
}

/** null: not fetched, or of another version than the lock file names (its own script then fetches it again). */
function installedExecutable(): string | null {
  const folder = electronFolder()
  const executable = path.join(folder, 'dist', executableName())
  const versionFile = path.join(folder, 'dist', 'version')
  if (!existsSync(executable) || !existsSync(versionFile)) return null
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string }
  return readFileSync(versionFile, 'utf8').trim().replace(/^v/, '') === version ? executable : null
}

/** By the package's own script, which checks the hash. Answers whether it went well. */
function fetchElectron(): Promise<boolean> {
  process.stdout.write("Fetching Electron's program, about 120 MB, once.\n")
  const child = spawn(process.execPath, [path.join(electronFolder(), 'install.js')], {
    cwd: repositoryRoot,
    // What it says (a stack trace, a bar after half a minute) is of no use to a person; findElectron's sentence is.
    stdio: 'ignore',
    timeout: FETCH_TIMEOUT_MS,
  })
  const startedAtMs = performance.now()
  const progress = setInterval(() => {
    process.stdout.write(`  still fetching, ${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s\n`)
  }, FETCH_PROGRESS_MS)
  const abort = () => child.kill()
  process.once('exit', abort)
  return new Promise((resolve) => {
    const done = (isFetched: boolean) => {
      clearInterval(progress)
      process.off('exit', abort)
      resolve(isFetched)
    }
    child.once('exit', (code) => done(code === 0))
    child.once('error', () => done(false))
  })
}
