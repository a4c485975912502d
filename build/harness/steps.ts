import type { Page } from 'playwright-core'

/** What people do in the page, by the names that they read there. */

export interface Account {
  name: string
  email: string
  password: string
}

export function account(name: string): Account {
  return { name, email: `${name.toLowerCase()}@example.org`, password: 'slow trains at night' }
}

export async function register(page: Page, url: string, person: Account): Promise<void> {
  await page.goto(`${url}/register`)
  await page.getByLabel('Name', { exact: true }).fill(person.name)
  await page.getByLabel('E-mail address').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('link', { name: 'New room' }).first().waitFor()
}

export interface RoomChoice {
  title: string
  visibility?: 'Public' | 'Unlisted' | 'Private'
}

/** Creates a room and answers with its invite link. The page is the room's page, not live yet. */
export async function createRoom(page: Page, url: string, choice: RoomChoice): Promise<string> {
  await page.goto(`${url}/new`)
  await page.getByLabel('Title').fill(choice.title)
  await page.getByRole('radio', { name: choice.visibility ?? 'Public' }).check({ force: true })
  await page.getByRole('button', { name: 'Create room' }).click()
  await page.waitForURL(/\/r\//)
  return page.getByLabel('Invite link').first().inputValue()
}

/** The host's step from the room's page onto the stage. */
export async function goLive(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Go live' }).click()
  await inRoom(page)
}

export async function enterAsGuest(page: Page, inviteLink: string, name: string): Promise<void> {
  await page.goto(inviteLink)
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Enter the room' }).click()
  await inRoom(page)
}

/** As enterAsGuest, for somebody who has signed in and so has a name. */
export async function enterSignedIn(page: Page, inviteLink: string): Promise<void> {
  await page.goto(inviteLink)
  await page.getByRole('button', { name: 'Enter the room' }).click()
  await inRoom(page)
}

/** Waits until the page is connected to the room (it says so on its root element). */
export async function inRoom(page: Page): Promise<void> {
  await page.locator('html[data-room-state="connected"]').waitFor()
}

/** How many connections the page has made since it was loaded. */
export function connectionCount(page: Page): Promise<number> {
  return page.evaluate(() => window.engawaHooks.peers.length)
}

/**
 * Waits until the page is in the room over a newer connection than its first `before` ones: right after a crash it
 * may still say "connected" of one that is dead.
 */
export async function inRoomAgain(page: Page, before: number): Promise<void> {
  await page.waitForFunction(
    (before) =>
      window.engawaHooks.peers.length > before && window.engawaHooks.peers.at(-1)?.connectionState === 'connected',
    before,
  )
  await inRoom(page)
}

export async function signIn(page: Page, url: string, person: Account): Promise<void> {
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('E-mail address').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).last().click()
  await page.getByRole('link', { name: 'New room' }).first().waitFor()
}
