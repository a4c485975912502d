import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPerson, type Person } from '../harness/person.ts'
import { type Program, startProgram, temporaryFolder } from '../harness/program.ts'
import { account, createRoom, enterAsGuest, goLive, inRoom, register, signIn } from '../harness/steps.ts'

/** Who gets into a room, by which door, and who does not. */

/** Longer than a page takes to notice a dead path (8 to 10 s in Chromium) and to try again. */
const SEAT_WAR_MS = 15_000

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let program: Program
let hana: Person
let gus: Person

const button = (person: Person, name: string) => person.page.getByRole('button', { name, exact: true })

beforeAll(async () => {
  folder = await temporaryFolder('doors')
  program = await startProgram({ dataFolder: folder.path })
  ;[hana, gus] = await Promise.all([openPerson({ voice: 'host' }), openPerson({ voice: 'guest' })])
  await register(hana.page, program.url, account('Hana'))
})

afterAll(async () => {
  for (const person of [hana, gus]) await person?.[Symbol.asyncDispose]()
  await program?.stop()
  await folder?.[Symbol.asyncDispose]()
})

it('a private room opens by its invite link, and not without it', async () => {
  const link = await createRoom(hana.page, program.url, { title: 'Behind the screen', visibility: 'Private' })
  await goLive(hana.page)
  await gus.page.goto(link.split('?')[0] ?? '')
  await gus.page.getByLabel('Invite link or code').waitFor()
  expect(await gus.page.getByText('Behind the screen').count()).toBe(0)
  await enterAsGuest(gus.page, link, 'Gus')
  await hana.page.getByText('1 listener').first().waitFor()
})

it('an ended room says so to everybody, and its host can open it again', async () => {
  await button(hana, 'End room').click()
  await hana.page.getByRole('alertdialog').getByRole('button', { name: 'End room', exact: true }).click()
  await gus.page.getByText('This room has ended').first().waitFor()
  await hana.page.goto(hana.page.url())
  await button(hana, 'Go live again').click()
  await inRoom(hana.page)
})

it('one account in two browsers does not fight for its seat: the newest has it, the older says so', async () => {
  const roomUrl = hana.page.url()
  await using second = await openPerson({ voice: 'third' })
  await signIn(second.page, program.url, account('Hana'))
  await second.page.goto(roomUrl)
  await second.page.getByRole('button', { name: 'Enter the room' }).click()
  await inRoom(second.page)
  await hana.page.getByText('You entered this room in another window').first().waitFor()
  // Nobody may take the seat back by itself: the time in which the older page once did so passes in peace.
  const lost = second.page.locator('html:not([data-room-state="connected"])').waitFor({ timeout: SEAT_WAR_MS })
  await expect(lost).rejects.toThrow(/Timeout/)
  await button(hana, 'Join again').click()
  await inRoom(hana.page)
  await second.page.getByText('You entered this room in another window').first().waitFor()
})
