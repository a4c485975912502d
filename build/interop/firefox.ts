import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Browser, launch, type Page } from 'puppeteer-core'
import { decodeFile } from '../audio/decode.ts'
import { type Pcm, readWav } from '../audio/pcm.ts'
import type { Voice } from '../harness/person.ts'
import type { Account } from '../harness/steps.ts'
import { repositoryRoot } from '../paths.ts'
import { installFirefoxHooks } from './firefox-hooks.ts'

/** Somebody with a Firefox of their own, whose microphone plays a clip in a loop. Driven over WebDriver BiDi. */
export interface FirefoxPerson extends AsyncDisposable {
  page: Page
  browser: Browser
  clip: Pcm
}

const CLIPS = path.join(repositoryRoot, 'build/e2e/clips')
const CANDIDATES = ['/usr/bin/firefox-esr', '/usr/bin/firefox']
/** A step in the page; the first one waits for Firefox to draw it on a busy machine. */
const STEP_TIMEOUT_MS = 30_000
const LAUNCH_TIMEOUT_MS = 60_000

const PREFERENCES = {
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  // Real addresses instead of .local names, as after a yes to the microphone.
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.peerconnection.ice.loopback': true,
  'intl.accept_languages': 'en-US',
  'ui.prefersReducedMotion': 1,
}

function firefoxPath(): string | null {
  return [process.env['FIREFOX_PATH'], ...CANDIDATES].find((file) => file && existsSync(file)) ?? null
}

/** Why Firefox cannot be tested here, as one sentence; null where it can. */
export function whyNoFirefox(): string | null {
  return firefoxPath() === null ? `There is no Firefox (FIREFOX_PATH, ${CANDIDATES.join(', ')}).` : null
}

/** Opens Firefox with one page. Throws where there is none. */
export async function openFirefox(voice: Voice): Promise<FirefoxPerson> {
  const executablePath = firefoxPath()
  if (executablePath === null) throw new Error(whyNoFirefox() ?? '')
  const clipFile = path.join(CLIPS, `${voice}.wav`)
  const browser = await launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    timeout: LAUNCH_TIMEOUT_MS,
    extraPrefsFirefox: PREFERENCES,
  })
  const page = await browser.newPage()
  page.setDefaultTimeout(STEP_TIMEOUT_MS)
  await page.evaluateOnNewDocument(installFirefoxHooks, readFileSync(clipFile).toString('base64'))
  return { page, browser, clip: readWav(clipFile), [Symbol.asyncDispose]: () => browser.close() }
}

/** The same as harness/capture.ts does in Chromium: sound of `lengthMs`, in real time, all slots mixed. */
export async function captureInFirefox(page: Page, what: 'heard' | 'microphone', lengthMs: number): Promise<Pcm> {
  const tracks = await page.evaluate((what) => window.firefoxHooks.startCapture(what), what)
  if (tracks === 0) throw new Error(`nothing to capture: no ${what} track in the page`)
  await new Promise((resolve) => setTimeout(resolve, lengthMs))
  const recordings = await page.evaluate(() => window.firefoxHooks.stopCapture())
  return mixed(await Promise.all(recordings.map(decodeRecording)))
}

async function decodeRecording(base64: string): Promise<Pcm> {
  const folder = await mkdtemp(path.join(tmpdir(), 'engawa-firefox-'))
  try {
    const file = path.join(folder, 'heard.ogg')
    await writeFile(file, Buffer.from(base64, 'base64'))
    return await decodeFile(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The recorders began together. */
function mixed(tracks: Pcm[]): Pcm {
  const samples = new Float32Array(Math.max(...tracks.map((track) => track.samples.length)))
  for (const track of tracks) {
    for (let i = 0; i < track.samples.length; i++) samples[i] = (samples[i] ?? 0) + (track.samples[i] ?? 0)
  }
  return { sampleRateHz: tracks[0]?.sampleRateHz ?? 0, samples }
}

/** Presses the button of this name, as a person who reads it. */
export async function press(page: Page, name: string): Promise<void> {
  await page.locator(`::-p-aria([name="${name}"][role="button"])`).click()
}

/** Waits for a button of this name, which tells what state the page is in. */
export async function seeButton(page: Page, name: string): Promise<void> {
  await page.locator(`::-p-aria([name="${name}"][role="button"])`).wait()
}

async function fill(page: Page, label: string, text: string): Promise<void> {
  await page.locator(`::-p-aria([name="${label}"][role="textbox"])`).fill(text)
}

async function inRoom(page: Page): Promise<void> {
  await page.locator('html[data-room-state="connected"]').wait()
}

export async function registerInFirefox(page: Page, url: string, person: Account): Promise<void> {
  await page.goto(`${url}/register`)
  await fill(page, 'Name', person.name)
  await fill(page, 'E-mail address', person.email)
  await page.locator('input[type="password"]').fill(person.password)
  await press(page, 'Create account')
  await page.locator('::-p-aria([name="New room"][role="link"])').wait()
}

/** Creates a public room, goes live in it, and answers with its link. */
export async function hostInFirefox(page: Page, url: string, title: string): Promise<string> {
  await page.goto(`${url}/new`)
  await fill(page, 'Title', title)
  await press(page, 'Create room')
  await press(page, 'Go live')
  await inRoom(page)
  return page.url()
}

/** `name` null: somebody signed in, who is not asked for one. */
export async function enterInFirefox(page: Page, inviteLink: string, name: string | null): Promise<void> {
  await page.goto(inviteLink)
  if (name !== null) await fill(page, 'Your name', name)
  await press(page, 'Enter the room')
  await inRoom(page)
}
