import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectAccessible } from '../harness/accessible.ts'
import { openPerson, type Person } from '../harness/person.ts'
import { type Program, startProgram, temporaryFolder } from '../harness/program.ts'
import { account, createRoom, enterAsGuest, goLive, register } from '../harness/steps.ts'
import { repositoryRoot } from '../paths.ts'

/** Long enough to cut something out of. */
const TALK_MS = 12_000
/** Tracks are put together by themselves: the tapes have ended, and a process has to start. */
const TRACKS_TIMEOUT_MS = 120_000
const RENDER_TIMEOUT_MS = 90_000

/**
 * The studio's screens over a real take: what they say, that editing works with pointer and keys and is kept, and that axe-core finds
 * nothing. ENGAWA_TEST_PICTURES=folder keeps a picture of each.
 */

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let program: Program
let hana: Person
let takeUrl: string

/** The waveforms are there. */
async function openEditor(page: Page): Promise<void> {
  await page.goto(`${takeUrl}/edit`)
  await page.getByRole('region', { name: /Timeline|タイムライン/ }).waitFor()
  await page.locator('canvas').first().waitFor()
}

interface Box {
  x: number
  y: number
  width: number
  height: number
}

async function boxOf(page: Page): Promise<Box> {
  const box = await page.locator('canvas').first().boundingBox()
  if (box === null) throw new Error('the timeline is not on the screen')
  return box
}

/** Over the lowest waveform, from and to a share of the take. */
async function dragOver(page: Page, [from, to]: [number, number], { x, y, width, height }: Box): Promise<void> {
  await page.mouse.move(x + width * from, y + height - 20)
  await page.mouse.down()
  await page.mouse.move(x + width * to, y + height - 20, { steps: 5 })
  await page.mouse.up()
}

interface StartedSource {
  whenS: number
  lengthS: number
  isSilent: boolean
}

declare global {
  interface Window {
    startedSources: StartedSource[]
  }
}

/** Notes what is handed to the sound card. */
async function watchSources(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.startedSources = []
    const { start } = AudioBufferSourceNode.prototype
    AudioBufferSourceNode.prototype.start = function (this: AudioBufferSourceNode, when = 0, offset = 0, duration = 0) {
      const isSilent = this.buffer?.getChannelData(0).every((sample) => sample === 0) ?? true
      window.startedSources.push({ whenS: when, lengthS: duration, isSilent })
      start.call(this, when, offset, duration)
    }
  })
}

beforeAll(async () => {
  folder = await temporaryFolder('studio-screens')
  program = await startProgram({ dataFolder: folder.path })
  hana = await openPerson({ voice: 'host' })
  await using ben = await openPerson({ voice: 'guest' })
  await register(hana.page, program.url, account('Hana'))
  const link = await createRoom(hana.page, program.url, { title: 'Slow trains and small harbours' })
  await goLive(hana.page)
  await enterAsGuest(ben.page, link, 'Ben')
  await ben.page.getByRole('button', { name: 'Raise hand', exact: true }).click()
  await hana.page.getByRole('button', { name: 'Bring on stage: Ben' }).click()
  await ben.page.getByRole('button', { name: 'Mute', exact: true }).waitFor()
  await hana.page.getByRole('button', { name: 'Record', exact: true }).click()
  await ben.page.getByRole('alertdialog').waitFor()
  await ben.page.getByRole('button', { name: 'Agree', exact: true }).click()
  await hana.page.waitForTimeout(TALK_MS)
  await hana.page.getByRole('button', { name: 'Stop recording', exact: true }).click()
  await hana.page.getByRole('button', { name: 'Record', exact: true }).waitFor()
  await hana.page.waitForTimeout(2_000)
  await hana.page.goto(`${program.url}/recordings`)
  await hana.page.getByRole('link', { name: /Slow trains/ }).click()
  await hana.page.waitForURL(/\/recordings\/./)
  takeUrl = hana.page.url()
  await hana.page.getByRole('link', { name: 'Edit and mix' }).waitFor({ timeout: TRACKS_TIMEOUT_MS })
})

afterAll(async () => {
  await hana?.[Symbol.asyncDispose]()
  await program?.stop()
  await folder?.[Symbol.asyncDispose]()
})

it('the take says how complete it is, and who agreed', async () => {
  const { page } = hana
  await page.goto(takeUrl)
  const report = page.getByRole('region', { name: 'How complete it is' })
  await report
    .getByText(/^(Complete: all 2 speakers lossless, 0 gaps|\d+ gaps?, .+ filled from the room’s recording)$/)
    .waitFor()
  const consents = page.getByRole('region', { name: 'Who agreed to be recorded' })
  await consents
    .getByRole('listitem')
    .filter({ hasText: 'Ben' })
    .getByText(/^Agreed/)
    .waitFor()
  await expectAccessible({ page }, 'take-en-light-wide')
})

it('a speaker is left out of every mix with one press, and taken back in', async () => {
  const { page } = hana
  await page.goto(takeUrl)
  const leaveOut = page.getByRole('switch', { name: 'Leave out of every mix: Ben' })
  await leaveOut.click({ force: true })
  await page.getByText('Left out', { exact: true }).waitFor()
  await page.reload()
  await page.getByText('Left out', { exact: true }).waitFor()
  await leaveOut.click({ force: true })
  await page.getByText('Left out', { exact: true }).waitFor({ state: 'detached' })
})

it('plays all speakers by one clock, and goes over what is cut', async () => {
  const { page } = hana
  const refused: string[] = []
  page.on('console', (message) => message.text().includes('Content Security Policy') && refused.push(message.text()))
  await watchSources(page)
  await openEditor(page)
  const picture = await boxOf(page)
  await dragOver(page, [0.25, 0.75], picture)
  await page.getByRole('button', { name: 'Cut', exact: true }).click()
  await page.getByRole('button', { name: /^Cut: / }).waitFor()
  await page.getByRole('button', { name: 'Play', exact: true }).click()
  // The end is reached in half of the time, and the position is at the take's end and not in the cut.
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor({ timeout: TALK_MS })
  const slider = page.getByRole('slider', { name: 'Position', exact: true })
  expect(await slider.getAttribute('aria-valuenow')).toBe(await slider.getAttribute('aria-valuemax'))
  const sources = await page.evaluate(() => window.startedSources)
  // Both speakers begin each stretch at the same moment.
  const moments = Map.groupBy(sources, ({ whenS }) => whenS)
  expect([...moments.values()].map((together) => together.length)).toEqual([...moments].map(() => 2))
  const playedS = sources.reduce((sum, { lengthS }) => sum + lengthS, 0) / 2
  const takeS = Number(await slider.getAttribute('aria-valuemax'))
  expect(Math.abs(playedS - takeS / 2)).toBeLessThan(1)
  expect(sources.some(({ isSilent }) => !isSilent)).toBe(true)
  await expectAccessible({ page }, 'editor-en-light-wide')
  expect(refused).toEqual([])
})

it('keeps the edits: they are there after a reload, in words', async () => {
  const { page } = hana
  await page.getByText('Saved', { exact: true }).waitFor()
  await openEditor(page)
  await page.getByRole('button', { name: /^Cut: / }).waitFor()
  await page.getByRole('button', { name: /^Remove: Cut: / }).click()
  await page.getByText('No edits yet. The mix is the whole take.').waitFor()
  await page.getByText('Saved', { exact: true }).waitFor()
})

it('edits with the keyboard alone', async () => {
  const { page } = hana
  await openEditor(page)
  await page.getByRole('slider', { name: 'Position', exact: true }).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('i')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('o')
  await page.keyboard.press('x')
  await page.getByRole('button', { name: 'Cut: 0:02.0 to 0:04.0 (2 s)', exact: true }).waitFor()
  await page.keyboard.press('Control+z')
  await page.getByText('No edits yet. The mix is the whole take.').waitFor()
  await page.keyboard.press('Control+Shift+z')
  await page.getByRole('button', { name: /^Cut: / }).waitFor()
  await page.keyboard.press('m')
  await page.getByLabel('Name of the marker at 0:04.0').fill('The harbour')
  await page.getByRole('slider', { name: 'Beginning of the mix' }).focus()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('button', { name: 'Begins at 0:01.0', exact: true }).waitFor()
  await page.getByText('Saved', { exact: true }).waitFor()
})

it('lets one hear a stretch of the mix before all of it is made', async () => {
  const { page } = hana
  await openEditor(page)
  await page.getByRole('button', { name: 'Listen to the mix', exact: true }).click()
  const player = page.getByLabel(/^Preview of the mix, /)
  await player.waitFor({ timeout: RENDER_TIMEOUT_MS })
  await page.waitForFunction(
    () => (document.querySelector<HTMLAudioElement>('audio[controls]')?.currentTime ?? 0) > 0.5,
  )
  await page.getByText(/LUFS, peak -?\d+(\.\d+)? dBTP$/).waitFor()
  await expectAccessible({ page }, 'editor-preview-en-light-wide')
})

it('takes an intro of one’s own, and throws it away', async () => {
  const { page } = hana
  await openEditor(page)
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose a sound file: Intro', exact: true }).click()
  await (await choosing).setFiles(path.join(repositoryRoot, 'build/e2e/clips/third.wav'))
  await page.getByRole('button', { name: /^third\.wav \(0:\d\d\) Intro$/ }).waitFor()
  await page.getByRole('slider', { name: 'Overlap with the talk: Intro' }).waitFor()
  await page.getByText('Saved', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Delete the file third.wav' }).click()
  await page.getByRole('button', { name: 'None Intro' }).waitFor()
  await page.getByText('Saved', { exact: true }).waitFor()
})

it('makes an export, says how it came out, and gives it', async () => {
  const { page } = hana
  await page.goto(takeUrl)
  await page.getByRole('button', { name: 'Make it', exact: true }).click()
  const made = page
    .getByRole('list', { name: 'Made and under way' })
    .getByRole('listitem')
    .filter({ hasText: 'Mix, MP3' })
  await made.getByText(/-1[56](\.\d)? LUFS, peak -\d+\.\d dBTP, 0:\d\d/).waitFor({ timeout: RENDER_TIMEOUT_MS })
  const downloading = page.waitForEvent('download')
  await made.getByRole('link', { name: /^Download / }).click()
  expect((await downloading).suggestedFilename()).toBe('Slow trains and small harbours.mp3')
  await expectAccessible({ page }, 'take-export-en-light-wide')
})

it('tells two windows from each other, and lets one choose whose edits hold', async () => {
  const { page } = hana
  await openEditor(page)
  const other = await page.context().newPage()
  await other.goto(`${takeUrl}/edit`)
  await other.getByRole('switch', { name: 'Soften noise' }).click({ force: true })
  await other.getByText('Saved', { exact: true }).waitFor()
  await page.getByRole('switch', { name: 'Take out rumble' }).click({ force: true })
  await page.getByText('This take was edited somewhere else').waitFor()
  await expectAccessible({ page }, 'editor-conflict-en-light-wide')
  await page.getByRole('button', { name: 'Take the others' }).click()
  await page.getByText('This take was edited somewhere else').waitFor({ state: 'detached' })
  expect(await page.getByRole('switch', { name: 'Soften noise' }).isChecked()).toBe(false)
  expect(await page.getByRole('switch', { name: 'Take out rumble' }).isChecked()).toBe(true)
  await other.close()
})

it('in Japanese, dark and narrow', async () => {
  await using reader = await openPerson({
    voice: 'host',
    language: 'ja',
    colorScheme: 'dark',
    viewport: { width: 390, height: 844 },
  })
  const { page } = reader
  await page.goto(`${program.url}/sign-in`)
  await page.getByLabel('メールアドレス').fill(account('Hana').email)
  await page.getByLabel('パスワード', { exact: true }).fill(account('Hana').password)
  await page.getByRole('button', { name: 'ログイン', exact: true }).last().click()
  await page.getByRole('link', { name: '録音' }).first().waitFor()
  await page.goto(takeUrl)
  await page.getByRole('heading', { name: '録音の完全さ' }).waitFor()
  await expectAccessible({ page }, 'take-ja-dark-narrow')
  await openEditor(page)
  await expectAccessible({ page }, 'editor-ja-dark-narrow')
})
