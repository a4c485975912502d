import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { openPerson } from '../harness/person.ts'
import { startProgram, temporaryFolder } from '../harness/program.ts'
import { account, enterAsGuest, inRoom } from '../harness/steps.ts'

/** Further than any control of any screen here is from where one begins. */
const MAX_TABS = 60

interface Focused {
  name: string
  tag: string
  type: string
  isVisible: boolean
}

function focused(page: Page): Promise<Focused> {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body
    const name = element.getAttribute('aria-label') ?? element.textContent ?? ''
    const type = element instanceof HTMLInputElement ? element.type : ''
    return {
      name: name.trim(),
      tag: element.tagName,
      type,
      isVisible: getComputedStyle(element).outlineStyle !== 'none',
    }
  })
}

/** Presses Tab until the focus is there, and sees to it that the focus shows. */
async function tabTo(page: Page, isThere: (focus: Focused) => boolean): Promise<void> {
  for (let tabs = 0; tabs < MAX_TABS; tabs++) {
    const focus = await focused(page)
    if (isThere(focus)) {
      expect(focus.isVisible, `focus on "${focus.name}" can be seen`).toBe(true)
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`not reached with ${MAX_TABS} tabs; the focus is on ${JSON.stringify(await focused(page))}`)
}

async function press(page: Page, name: string): Promise<void> {
  await tabTo(page, (focus) => focus.name === name)
  await page.keyboard.press('Enter')
}

async function fillNextField(page: Page, text: string): Promise<void> {
  await page.keyboard.press('Tab')
  await tabTo(page, (focus) => focus.tag === 'INPUT')
  await page.keyboard.type(text)
}

it('a host does the main job with the keyboard alone, and always sees where the focus is', async () => {
  await using folder = await temporaryFolder('keyboard')
  const program = await startProgram({ dataFolder: folder.path })
  await using hana = await openPerson({ voice: 'host' })
  await using gus = await openPerson({ voice: 'guest' })
  const { page } = hana
  const { name, email, password } = account('Hana')

  await page.goto(program.url)
  await page.getByRole('link', { name: 'Register' }).first().waitFor()
  await press(page, 'Register')
  await page.getByRole('button', { name: 'Create account' }).waitFor()
  for (const text of [name, email, password]) await fillNextField(page, text)
  await page.keyboard.press('Enter')

  await page.getByRole('link', { name: 'New room' }).first().waitFor()
  await press(page, 'New room')
  await page.getByLabel('Title').waitFor()
  await fillNextField(page, 'By keyboard')
  await press(page, 'More settingsSound for listeners: Balanced (60 ms, recommended)')
  await tabTo(page, (focus) => focus.name === 'Balanced (60 ms, recommended)')
  await page.keyboard.press('ArrowUp')
  await page.getByRole('radio', { name: 'Short delay' }).and(page.locator(':checked')).waitFor()
  await press(page, 'Create room')
  await page.waitForURL(/\/r\//)
  const link = await page.getByLabel('Invite link').first().inputValue()
  await press(page, 'Go live')
  await inRoom(page)

  await press(page, 'Room settings')
  await page.getByRole('radio', { name: 'Short delay' }).waitFor()
  await tabTo(page, (focus) => focus.name === 'Short delay (40 ms)')
  await page.keyboard.press('ArrowDown')
  await page.getByRole('radio', { name: 'Balanced' }).and(page.locator(':checked')).waitFor()
  await page.keyboard.press('Escape')
  // The focus is where it was before.
  expect((await focused(page)).name).toBe('Room settings')

  await enterAsGuest(gus.page, link, 'Gus')
  await gus.page.getByRole('button', { name: 'Raise hand', exact: true }).click()
  await page.getByRole('button', { name: 'Bring on stage: Gus' }).waitFor()
  await press(page, 'Bring on stage: Gus')
  await gus.page.getByRole('button', { name: 'Mute', exact: true }).waitFor()
  // The pressed row is gone: the focus waits at its section, not at the top of the page.
  expect((await focused(page)).name).toBe('Raised hands')

  await press(page, 'Actions for Gus')
  await page.getByRole('menuitem', { name: 'Mute' }).waitFor()
  await page.keyboard.press('Enter')
  await gus.page.getByText('The host muted you').first().waitFor()
  await page.keyboard.press('m')
  await page.getByRole('button', { name: 'Unmute', exact: true }).waitFor()

  await press(page, 'End room')
  await page.getByRole('alertdialog').waitFor()
  await press(page, 'End room')
  await gus.page.getByText('This room has ended').first().waitFor()
  await program.stop()
})
