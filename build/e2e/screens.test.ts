import { afterAll, beforeAll, it } from 'vitest'
import { expectAccessible } from '../harness/accessible.ts'
import { openPerson, type Person } from '../harness/person.ts'
import { type Program, startProgram, temporaryFolder } from '../harness/program.ts'
import { account, createRoom, enterAsGuest, goLive, register } from '../harness/steps.ts'

/**
 * axe-core finds nothing on any screen, light and dark, English and Japanese. ENGAWA_TEST_PICTURES=folder
 * keeps a picture of each.
 */
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let program: Program
let hana: Person
let gus: Person
let link: string

beforeAll(async () => {
  folder = await temporaryFolder('screens')
  program = await startProgram({ dataFolder: folder.path })
  hana = await openPerson({ voice: 'host' })
  gus = await openPerson({ voice: 'guest', language: 'ja', colorScheme: 'dark', viewport: { width: 390, height: 844 } })
})

afterAll(async () => {
  for (const person of [hana, gus]) await person?.[Symbol.asyncDispose]()
  await program?.stop()
  await folder?.[Symbol.asyncDispose]()
})

it('screens outside a room', async () => {
  for (const [screen, route] of [
    ['home', '/'],
    ['sign-in', '/sign-in'],
    ['register', '/register'],
    ['not-found', '/nowhere'],
    ['settings', '/settings'],
  ] as const) {
    for (const [person, suffix] of [
      [hana, 'en-light-wide'],
      [gus, 'ja-dark-narrow'],
    ] as const) {
      await person.page.goto(`${program.url}${route}`)
      await person.page.getByRole('heading', { level: 1 }).waitFor()
      await expectAccessible(person, `${screen}-${suffix}`)
    }
  }
})

it('screens of a host', async () => {
  await register(hana.page, program.url, account('Hana'))
  await hana.page.goto(`${program.url}/new`)
  await hana.page.getByRole('heading', { level: 1 }).waitFor()
  await hana.page.getByText('More settings').click()
  await hana.page.getByRole('radio', { name: 'Balanced' }).waitFor()
  await expectAccessible(hana, 'new-room-en-light-wide')
  link = await createRoom(hana.page, program.url, { title: 'Slow trains and small harbours' })
  await expectAccessible(hana, 'room-before-live-en-light-wide')
  await goLive(hana.page)
  await expectAccessible(hana, 'room-host-en-light-wide')
  await hana.page.getByRole('button', { name: 'Room settings' }).click()
  await hana.page.getByRole('radio', { name: 'Most listeners' }).waitFor()
  await expectAccessible(hana, 'room-settings-en-light-wide')
  await hana.page.keyboard.press('Escape')
})

it('screens of a listener, and the stage with people on it', async () => {
  await gus.page.goto(link)
  await gus.page.getByRole('heading', { level: 1 }).waitFor()
  await expectAccessible(gus, 'lobby-ja-dark-narrow')
  await using tomo = await openPerson({ voice: 'third', colorScheme: 'dark' })
  await enterAsGuest(tomo.page, link, 'Tomo')
  await tomo.page.getByRole('button', { name: 'Raise hand', exact: true }).click()
  await hana.page.getByRole('button', { name: 'Bring on stage: Tomo' }).waitFor()
  await expectAccessible(hana, 'room-hand-en-light-wide')
  await expectAccessible(tomo, 'room-listener-en-dark-wide')
  await hana.page.getByRole('button', { name: 'Bring on stage: Tomo' }).click()
  await tomo.page.getByRole('button', { name: 'Mute', exact: true }).waitFor()
  await hana.page.getByRole('button', { name: 'Record', exact: true }).click()
  await tomo.page.getByRole('alertdialog').waitFor()
  await expectAccessible(tomo, 'consent-en-dark-wide')
  await tomo.page.getByRole('button', { name: 'Agree', exact: true }).click()
  await hana.page
    .getByText(/Recording for/)
    .first()
    .waitFor()
  await expectAccessible(hana, 'room-recording-en-light-wide')
  await hana.page.getByRole('button', { name: 'Stop recording', exact: true }).click()
})

it('recordings', async () => {
  await hana.page.goto(`${program.url}/recordings`)
  await hana.page.getByText('Slow trains and small harbours').first().waitFor()
  await expectAccessible(hana, 'recordings-en-light-wide')
})
