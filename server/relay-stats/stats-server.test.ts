import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { steadyMs } from '../clock.ts'
import { createEventLoopMeter } from './event-loop-meter.ts'
import { type StatsServer, startStatsServer } from './stats-server.ts'
import { StatsSource } from './stats-source.ts'

const silent = { info: () => {}, warn: () => {} }

function source(
  node: () => unknown = () => ({ line: { state: 'up' }, usage: { cpuUs: 1, residentBytes: 2 }, rooms: [] }),
) {
  return new StatsSource({
    node: node as never,
    transports: async () => [],
    meter: createEventLoopMeter(),
    steadyMs,
  })
}

/** As a browser, or a hostile page, asks; `fetch` would not let the Host header be set. */
function ask(url: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>((resolve, reject) => {
    const asked = request(url, { method, headers }, async (response) => {
      let text = ''
      for await (const part of response) text += part
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
    })
    asked.once('error', reject).end()
  })
}

describe('the stats server', () => {
  let server: StatsServer
  beforeEach(async () => {
    server = (await startStatsServer({ source: source(), port: 0, log: silent })) ?? never()
  })
  afterEach(() => server.close())

  it('is on loopback, with a page, a view and a dump', async () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const page = await ask(server.url)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.text).not.toMatch(/STYLE|SCRIPT|https?:\/\//)
    expect(JSON.parse((await ask(`${server.url}view.json`)).text)).toMatchObject({ line: 'up', rooms: [], people: 0 })
    const dump = await ask(`${server.url}stats.json`)
    expect(JSON.parse(dump.text)).toMatchObject({ node: { usage: { residentBytes: 2 } }, transports: [] })
    expect(dump.headers['cache-control']).toBe('no-store')
  })

  it('lets the page run its own script and style and nothing else, and be framed by nobody', async () => {
    const { headers } = await ask(server.url)
    const policy = String(headers['content-security-policy'])
    expect(policy).toMatch(/default-src 'none';script-src 'sha256-[^' ]+';style-src 'sha256-[^' ]+';/)
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(headers['cross-origin-resource-policy']).toBe('same-origin')
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  it('answers to loopback names only: DNS rebinding', async () => {
    const { port } = new URL(server.url)
    for (const host of [`localhost:${port}`, `[::1]:${port}`, `LOCALHOST:${port}`]) {
      expect((await ask(`${server.url}view.json`, { host })).status).toBe(200)
    }
    for (const host of [`evil.example:${port}`, 'localhost', `127.0.0.1.evil.example:${port}`, `10.0.0.1:${port}`]) {
      const { status, text } = await ask(`${server.url}stats.json`, { host })
      expect(status).toBe(421)
      expect(text).not.toContain('usage')
    }
    expect((await ask(`${server.url}nothing`, { host: 'evil.example' })).status).toBe(421)
  })

  it('only tells, and knows its own paths', async () => {
    expect((await ask(`${server.url}view.json`, {}, 'POST')).status).toBe(404)
    expect((await ask(`${server.url}../../etc/passwd`)).status).toBe(404)
  })
})

describe('when the stats server has trouble', () => {
  it('takes another port where its own is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    const server = await startStatsServer({ source: source(), port, log: silent })
    expect(server?.url).not.toBe(`http://127.0.0.1:${port}/`)
    expect((await ask(`${server?.url}view.json`)).status).toBe(200)
    await server?.close()
    await server?.close()
    other.close()
  })

  it('says that the node has not started, or that it failed, without details', async () => {
    for (const [node, status, words] of [
      [() => null, 503, 'not-started'],
      [() => JSON.parse('secret'), 500, 'failed'],
    ] as const) {
      const server = (await startStatsServer({ source: source(node), port: 0, log: silent })) ?? never()
      const answer = await ask(`${server.url}view.json`)
      expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { error: words }])
      await server.close()
    }
  })
})

function never(): never {
  throw new Error('the stats server did not start')
}
