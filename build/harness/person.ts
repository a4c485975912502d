import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type Pcm, readWav } from '../audio/pcm.ts'
import { repositoryRoot } from '../paths.ts'
import type { ClockVoice } from './clock-voice.ts'
import { installPageHooks } from './page-hooks.ts'

export type Voice = 'host' | 'guest' | 'third'

/** Somebody with a browser of their own, whose microphone plays a clip in a loop. */
export interface Person extends AsyncDisposable {
  page: Page
  browser: Browser
  clip: Pcm
}

const CLIPS = path.join(repositoryRoot, 'build/e2e/clips')

const CHROMIUM_ARGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
]

/** CHROMIUM_PATH, or where Debian and Playwright put theirs. Throws, saying how to get one. */
export function chromiumPath(): string {
  const candidates = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', chromium.executablePath()]
  const found = candidates.find((file) => file && existsSync(file))
  if (!found)
    throw new Error('The tests need Chromium: run `npx playwright-core install chromium`, or set CHROMIUM_PATH to one.')
  return found
}

export interface PersonOptions {
  voice: Voice
  /** Another file for the microphone than the voice's clip. */
  clipFile?: string
  language?: 'en' | 'ja'
  /** A command to put before the browser, e.g. `ip netns exec NAME`; see namespace.ts. */
  executablePath?: string
  /** Further arguments for the browser. */
  args?: string[]
  viewport?: { width: number; height: number }
  colorScheme?: 'light' | 'dark'
  /** False: the browser asks for the microphone, and nobody answers yes. */
  microphone?: boolean
  /** Somebody else's browser, in which this person has a context of their own; else one is started. */
  browser?: Browser
  /** A microphone that tells the moment of each sample, in place of the clip. */
  clockVoice?: ClockVoice
}

/** The file that a voice's microphone plays. */
export function clipOf(voice: Voice): string {
  return path.join(CLIPS, `${voice}.wav`)
}

/** How the browser is started for such a person. */
export function chromiumArgs(options: PersonOptions): string[] {
  const args = CHROMIUM_ARGS.filter((arg) => options.microphone !== false || !arg.startsWith('--use-fake'))
  if (process.getuid?.() === 0) args.push('--no-sandbox')
  const file = options.clipFile ?? clipOf(options.voice)
  return [...args, ...(options.args ?? []), `--use-file-for-fake-audio-capture=${file}`]
}

/** Opens a browser with one page. The hooks of page-hooks.ts are in place before the page's own scripts. */
export async function openPerson(options: PersonOptions): Promise<Person> {
  const file = clipOf(options.voice)
  const browser = options.browser ?? (await launchFor(options))
  const context = await browser.newContext({
    locale: options.language === 'ja' ? 'ja-JP' : 'en-US',
    viewport: options.viewport ?? { width: 1280, height: 800 },
    colorScheme: options.colorScheme ?? 'light',
    // Pictures and contrast checks must not meet a screen half faded in.
    reducedMotion: 'reduce',
    bypassCSP: options.clockVoice !== undefined,
  })
  await context.addInitScript(installPageHooks)
  await options.clockVoice?.install(context)
  const page = await context.newPage()
  const close = () => (options.browser === undefined ? browser.close() : context.close())
  return { page, browser, clip: readWav(file), [Symbol.asyncDispose]: close }
}

function launchFor(options: PersonOptions): Promise<Browser> {
  return chromium.launch({
    executablePath: options.executablePath ?? chromiumPath(),
    args: chromiumArgs(options),
  })
}
