import { readFile } from 'node:fs/promises'
import type { Page, Route } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expectAccessible } from '../harness/accessible.ts'
import { openPerson, type Person } from '../harness/person.ts'
import { type Program, startProgram, temporaryFolder } from '../harness/program.ts'
import { account, createRoom, enterAsGuest, goLive, register } from '../harness/steps.ts'

/**
 * What the page says of people's own recordings: how safe they are, while the room is recorded, and what is left of
 * them on this computer afterwards. Each screen is looked at by axe too; see screens.test.ts.
 */

const TITLE = 'Slow trains and small harbours'
const CHUNKS = '**/api/tapes/*/chunks/*'
/** A chunk of 4 s, its way, and what the strip waits until it calls somebody late (TAPE_BEHIND_MS). */
const LATE_MS = 40_000

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let program: Program
let hana: Person
let tomo: Person
let link: string

const strip = (page: Page) => page.getByRole('region', { name: 'Recording', exact: true })
const rowOf = (page: Page, name: string) => strip(page).getByRole('listitem').filter({ hasText: name })
const banner = (page: Page) => page.getByRole('region', { name: 'Recordings on this computer' })

/** From the audience onto the recorded stage. */
async function agreeAndSpeak({ page }: Person, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Raise hand', exact: true }).click()
  await page.getByRole('button', { name: 'Agree and raise hand' }).click()
  await hana.page.getByRole('button', { name: `Bring on stage: ${name}` }).click()
  await page.getByRole('button', { name: 'Mute', exact: true }).waitFor()
  await rowOf(page, name).getByText('safe up to').waitFor()
}

function refuse(route: Route): Promise<void> {
  const body = JSON.stringify({ reason: 'chunk-conflict', retryAfterMs: null, message: '' })
  return route.fulfill({ status: 409, contentType: 'application/json', body })
}

beforeAll(async () => {
  folder = await temporaryFolder('unsent')
  program = await startProgram({ dataFolder: folder.path })
  hana = await openPerson({ voice: 'host' })
  tomo = await openPerson({ voice: 'third', colorScheme: 'dark', viewport: { width: 390, height: 844 } })
  // A file picker is the browser's own window; without one the page downloads.
  await tomo.page.context().addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
  await register(hana.page, program.url, account('Hana'))
  link = await createRoom(hana.page, program.url, { title: TITLE })
  await goLive(hana.page)
  await hana.page.getByRole('button', { name: 'Record', exact: true }).click()
  await strip(hana.page).waitFor()
  await enterAsGuest(tomo.page, link, 'Tomo')
})

afterAll(async () => {
  for (const person of [hana, tomo]) await person?.[Symbol.asyncDispose]()
  await program?.stop()
  await folder?.[Symbol.asyncDispose]()
})

it('who raises a hand is told what is recorded, where it goes and who gets it', async () => {
  const { page } = tomo
  await page.getByRole('button', { name: 'Raise hand', exact: true }).click()
  const question = page.getByRole('alertdialog')
  await question.getByText('Your own computer records your microphone without loss').waitFor()
  await question.getByText(`the server of this room (localhost:${program.port})`).waitFor()
  await question.getByText('Hana gets both').waitFor()
  await expectAccessible(tomo, 'consent-hand-en-dark-narrow')
  await question.getByRole('button', { name: 'Cancel' }).last().click()
})

it('a listener is told nothing of it; a host sees every speaker, a speaker themselves', async () => {
  expect(await strip(tomo.page).count()).toBe(0)
  await agreeAndSpeak(tomo, 'Tomo')
  await rowOf(hana.page, 'Tomo').getByText('safe up to').waitFor()
  await rowOf(hana.page, 'Hana (you)').getByText('safe up to').waitFor()
  expect(await strip(tomo.page).getByRole('listitem').count()).toBe(1)
  await strip(tomo.page)
    .getByText(/On this computer: recorded \d/)
    .waitFor()
  await strip(hana.page).getByText('Kept on this server.').waitFor()
  await expectAccessible(hana, 'strip-en-light-wide')
  await expectAccessible(tomo, 'strip-en-dark-narrow')
  await strip(hana.page).getByRole('button', { name: 'What does “safe” mean?' }).click()
  await hana.page.getByRole('dialog').getByText('checked piece by piece').waitFor()
  await expectAccessible(hana, 'strip-help-en-light-wide')
  await hana.page.keyboard.press('Escape')
})

it('who cannot send is late for the host, and is told themselves what to do', async () => {
  await tomo.page.context().route(CHUNKS, (route) => route.abort('internetdisconnected'))
  await rowOf(hana.page, 'Tomo')
    .getByText(/behind|nothing heard since/)
    .waitFor({ timeout: LATE_MS })
  await strip(tomo.page).getByText('Your recording cannot be sent at the moment').waitFor({ timeout: LATE_MS })
  await strip(hana.page).getByRole('status').getByText('The recording of Tomo is behind.').waitFor()
  await expectAccessible(hana, 'strip-late-en-light-wide')
  await expectAccessible(tomo, 'strip-late-en-dark-narrow')
  await hana.page.getByRole('button', { name: 'End room' }).click()
  await hana.page
    .getByRole('alertdialog')
    .getByText(/Still to come: Tomo/)
    .waitFor()
  await expectAccessible(hana, 'end-room-late-en-light-wide')
  await hana.page.getByRole('button', { name: 'Cancel' }).last().click()
})

it('who leaves meanwhile is told at once, may save it, and is asked before the page closes', async () => {
  const { page } = tomo
  await page.getByRole('button', { name: 'Leave', exact: true }).click()
  const told = page.getByRole('dialog', { name: 'Your recording is still being sent' })
  await told.getByText('Waiting for the connection').waitFor()
  await expectAccessible(tomo, 'left-unsent-en-dark-narrow')
  const download = page.waitForEvent('download')
  await told.getByRole('button', { name: `Save to a file: ${TITLE}` }).click()
  const saved = await download
  expect(saved.suggestedFilename()).toMatch(/^Slow trains and small harbours .*\.zip$/)
  expect((await readFile(await saved.path())).subarray(0, 2).toString()).toBe('PK')
  await told.getByRole('button', { name: 'Go on without waiting' }).click()
  const asked: string[] = []
  page.once('dialog', (dialog) => {
    asked.push(dialog.type())
    void dialog.accept()
  })
  await page.goto(program.url)
  expect(asked).toEqual(['beforeunload'])
})

it('at the next start every page says so; what is sent is gone, and said', async () => {
  const { page } = tomo
  await banner(page)
    .getByText(/1 recording of your voice is still to be sent \([\d.]+ MB\) · waiting/)
    .waitFor()
  await expectAccessible(tomo, 'banner-waiting-en-dark-narrow')
  await banner(page).getByRole('button', { name: 'Show' }).click()
  const dialog = page.getByRole('dialog', { name: 'Recordings on this computer' })
  await dialog.getByRole('button', { name: 'Try now' }).click()
  await dialog.getByText('Waiting for the connection').waitFor()
  await page.context().unroute(CHUNKS)
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await page.getByText('Your recordings are at the server now, complete.').waitFor()
  await dialog.getByText('No recording of your voice is waiting').waitFor()
  expect(await banner(page).count()).toBe(0)
  await rowOf(hana.page, 'Tomo').getByText('all here').waitFor()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
})

it('what the server refuses is kept until the person discards it, and they are told what is lost', async () => {
  const { page } = tomo
  await enterAsGuest(page, link, 'Tomo')
  await page.context().route(CHUNKS, refuse)
  await page.getByRole('button', { name: 'Raise hand', exact: true }).click()
  await page.getByRole('button', { name: 'Agree and raise hand' }).click()
  await hana.page.getByRole('button', { name: 'Bring on stage: Tomo' }).click()
  await strip(page).getByText('The server does not take your recording').waitFor()
  await page.getByRole('button', { name: 'Leave', exact: true }).click()
  const told = page.getByRole('dialog', { name: 'Part of your recording is only on this computer' })
  await told.getByText('The server does not take it: A piece of a recording does not fit the others.').waitFor()
  await expectAccessible(tomo, 'refused-en-dark-narrow')
  await told.getByRole('button', { name: `Discard: ${TITLE}` }).click()
  const question = page.getByRole('alertdialog')
  await question.getByText(/of your voice from “Slow trains and small harbours”/).waitFor()
  await question.getByText('You have not saved it to a file.').waitFor()
  await expectAccessible(tomo, 'discard-en-dark-narrow')
  await question.getByRole('button', { name: 'Discard for good' }).click()
  const dialog = page.getByRole('dialog', { name: 'Recordings on this computer' })
  await dialog.getByText('No recording of your voice is waiting').waitFor()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await page.context().unroute(CHUNKS)
})

it('signing out while one is recorded asks first', async () => {
  const { page } = hana
  await page.getByRole('banner').getByRole('button', { name: 'Hana' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  const question = page.getByRole('dialog', { name: 'Sign out before everything is sent?' })
  await question.getByText('Your voice is being recorded right now.').waitFor()
  await expectAccessible(hana, 'sign-out-unsent-en-light-wide')
  await question.getByRole('button', { name: 'Stay' }).click()
  await strip(page)
    .getByText(/On this computer: recorded \d/)
    .waitFor()
})
