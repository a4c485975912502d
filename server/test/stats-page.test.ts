import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import process from 'node:process'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startStats } from '../relay-stats/start-stats.ts'
import type { StatsServer } from '../relay-stats/stats-server.ts'
import type { LinkSample, NodeSample, TransportSample } from '../relay-stats/stats-view.ts'

/** The stats page in a real browser. ENGAWA_TEST_PICTURES=folder keeps its pictures. */

const executablePath = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium'].find((file) => file && existsSync(file))
const why = executablePath ? null : 'there is no Chromium at CHROMIUM_PATH or /usr/bin/chromium'
if (why) process.stderr.write(`SKIPPED the stats page in a browser: ${why}\n`)

const PICTURES = process.env['ENGAWA_TEST_PICTURES']

/** A node whose counters grow as in life: 50 packets of 100 bytes a second to each of its people. */
class PretendedNode {
  rooms = 0
  isBroken = false
  readonly #startedAtMs = performance.now()

  dump(): NodeSample['node'] {
    if (this.isBroken) throw new Error('broken on purpose')
    const links = this.links()
    const room = {
      participants: links.length + 1,
      recording: {},
      forwarder: {
        slots: [{ speakerNumber: 1 }, { speakerNumber: null }],
        uplinks: [{ participantNumber: 1, onStage: true }],
        downlinks: links.map(({ id }, i) => ({ participantNumber: i + 1, linkId: id })),
      },
    }
    return {
      line: { state: 'up' },
      usage: { cpuUs: this.#elapsedMs * 120, residentBytes: 123_000_000 },
      rooms: Array.from({ length: this.rooms }, (_, i) => ({ ...room, roomId: `${i}f3kz9q1-and-more` })),
    }
  }

  transport(): TransportSample {
    const counts = { datagrams: 0, strays: 7, floodsRefused: 0, handshakesUnderWay: 1, handshakesFailed: 2 }
    return { ...counts, perLink: this.links() }
  }

  get #elapsedMs(): number {
    return performance.now() - this.#startedAtMs
  }

  links(): LinkSample[] {
    const packets = Math.round((this.#elapsedMs * 50) / 1000)
    return [0, 0.034, 0].map((lossFraction, i) => ({
      id: `link${i}`,
      state: i === 2 ? 'disconnected' : 'connected',
      roundTripMs: i === 2 ? null : 23.4,
      down: { lossFraction, jitterMs: 3.2, wantsRed: lossFraction > 0.02 },
      up: i === 0 ? { packets: 990, lost: 10, jitterMs: 1.1 } : null,
      counters: { datagramsIn: 0, bytesIn: 0, datagramsOut: packets, bytesOut: packets * 100, retransmitted: i },
    }))
  }
}

describe.skipIf(why !== null)('the stats page', () => {
  let browser: Browser
  let page: Page
  let node: PretendedNode
  let server: StatsServer
  let complaints: string[]

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '' })
  })
  afterAll(() => browser?.close())

  beforeEach(async () => {
    node = new PretendedNode()
    const started = await startStats({
      port: 0,
      log: { info: () => {}, warn: () => {} },
      node: () => node.dump(),
      transports: async () => [node.transport()],
    })
    if (!started) throw new Error('no stats server')
    server = started
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    complaints = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => request.url().startsWith(server.url) || complaints.push(request.url()))
  })
  afterEach(async () => {
    await page.close()
    await server.close()
  })

  const status = () => page.getByRole('status').textContent()
  const total = (name: string) => page.locator('dl > div', { hasText: name }).locator('dd').textContent()
  const cells = (row: number) => page.locator('tbody tr').nth(row).locator('th, td').allTextContents()

  it('shows rooms, people by number, and rates once a second, without a complaint of the browser', async () => {
    node.rooms = 2
    await page.goto(server.url)
    await expect
      .poll(() => page.getByRole('heading', { level: 3 }).allTextContents())
      .toEqual(['Room 0f3kz9q1: 4 people, recording', 'Room 1f3kz9q1: 4 people, recording'])
    await expect.poll(() => total('Packets out'), { timeout: 10_000 }).toMatch(/^1[3-7]\d\/s$/)
    expect(await total('CPU')).toMatch(/^1[1-3]\.\d %$/)
    expect(await total('Memory')).toBe('123 MB')
    expect((await cells(0)).slice(0, 6)).toEqual([
      '1',
      'connected, on stage, heard',
      '23.4 ms',
      '0.0 %',
      '3.2 ms',
      '1.0 %',
    ])
    expect((await cells(1)).slice(1, 4)).toEqual(['connected, audience, gets redundancy', '23.4 ms', '3.4 % (high)'])
    expect((await cells(2)).slice(1, 3)).toEqual(['disconnected, audience', '–'])
    expect(complaints).toEqual([])
  })

  it('says in words that nothing is open, that it failed, and that nobody answers', async () => {
    await page.goto(server.url)
    await page.getByText('No room is open on this relay.').waitFor()
    node.isBroken = true
    await expect.poll(status, { timeout: 5_000 }).toBe('The relay could not make its figures; its log says why.')
    node.isBroken = false
    await expect.poll(status, { timeout: 5_000 }).toBe('Updated once a second.')
    await server.close()
    await expect.poll(status, { timeout: 5_000 }).toContain('The relay does not answer.')
    expect(await page.locator('main').getAttribute('data-stale')).toBe('')
  })

  it('works by keyboard: pause, the tables, the data', async () => {
    node.rooms = 1
    let asked = 0
    page.on('request', (request) => {
      if (request.url().endsWith('/view.json')) asked += 1
    })
    await page.clock.install()
    await page.goto(server.url)
    await page.getByRole('table').waitFor()
    const reached: string[] = []
    for (let i = 0; i < 3; i++) {
      await page.keyboard.press('Tab')
      reached.push(String(await page.evaluate('document.activeElement.tagName')))
    }
    expect(reached).toEqual(['BUTTON', 'DIV', 'A'])
    await page.getByRole('button', { name: 'Pause' }).press('Space')
    await expect.poll(status).toBe('Paused.')
    const [before, askedBefore] = [await total('Running for'), asked]
    await page.clock.runFor(10_000)
    expect(asked).toBe(askedBefore)
    expect(await total('Running for')).toBe(before)
    await page.getByRole('button', { name: 'Pause' }).press('Enter')
    await page.clock.runFor(10_000)
    await expect.poll(status).toBe('Updated once a second.')
    expect(asked).toBeGreaterThan(askedBefore)
  })

  it('keeps a row where it is while its figures change', async () => {
    node.rooms = 1
    await page.goto(server.url)
    await page.getByRole('table').waitFor()
    const row = await page.locator('tbody tr').first().elementHandle()
    await expect.poll(() => cells(0), { timeout: 5_000 }).toContain('50/s')
    expect(await row?.evaluate((element) => element.isConnected)).toBe(true)
    node.rooms = 0
    await page.getByText('No room is open on this relay.').waitFor({ timeout: 5_000 })
    expect(await page.getByRole('table').count()).toBe(0)
  })

  it('axe-core finds nothing, light and dark, wide and narrow', async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    node.rooms = 1
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const width of [1280, 380]) {
        await page.setViewportSize({ width, height: 900 })
        await page.goto(server.url)
        await expect.poll(() => total('Packets out'), { timeout: 5_000 }).toContain('/s')
        if (PICTURES)
          await page.screenshot({ path: path.join(PICTURES, `stats-${colorScheme}-${width}.png`), fullPage: true })
        const widest = Number(await page.evaluate('document.documentElement.scrollWidth'))
        expect(widest).toBeLessThanOrEqual(width)
        await page.evaluate(axe)
        const violations = await page.evaluate(
          'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + JSON.stringify(nodes)))',
        )
        expect(violations).toEqual([])
      }
    }
  })
})
