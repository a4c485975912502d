import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { matchInLoop } from '../audio/envelope.ts'
import { capture } from '../harness/capture.ts'
import { openCuttableHost, whyNoNamespaces } from '../harness/network.ts'
import { chromiumPath, openPerson } from '../harness/person.ts'
import { freePort, startProgram, temporaryFolder } from '../harness/program.ts'
import { account, createRoom, enterAsGuest, goLive, register } from '../harness/steps.ts'

/** What the owner of a node can see of it: the stats page's figures, and the packet dump. */

interface StatsView {
  line: string
  people: number
  rooms: { people: number; participants: Participant[] }[]
}

interface StatsDump {
  transports: { perLink: { counters: { sealedRed: number } }[] }[]
}

interface Participant {
  onStage: boolean
  state: string
  roundTripMs: number | null
  sentRed: boolean
  lossDown: number | null
  lossUp: number | null
  traffic: { packetsInPerS: number; packetsOutPerS: number } | null
}

/** As room.test.ts has it. */
const SAME_SOUND = 0.8
const HEAR_MS = 6_000
const PICTURES = process.env['ENGAWA_TEST_PICTURES']
/** Several reports, 5 s apart (RFC 3550 §6.2), and at the end ten clean seconds. */
const SWITCH_LIMIT_MS = 40_000
/** On a busy machine; werift's clock was wrong by up to a second. */
const SAME_CLOCK_MS = 250

async function readView(statsPort: number): Promise<StatsView> {
  return (await (await fetch(`http://127.0.0.1:${statsPort}/view.json`)).json()) as StatsView
}

async function findPerson(statsPort: number, onStage: boolean): Promise<Participant | undefined> {
  const [room] = (await readView(statsPort)).rooms
  return room?.participants.find((participant) => participant.onStage === onStage)
}

/** Packets that were sent with the one before them, to everybody. */
async function countRed(statsPort: number): Promise<number> {
  const stats = (await (await fetch(`http://127.0.0.1:${statsPort}/stats.json`)).json()) as StatsDump
  const links = stats.transports.flatMap(({ perLink }) => perLink)
  return links.reduce((sum, { counters }) => sum + counters.sealedRed, 0)
}

/** What a listener's browser learnt from our sender reports, and what it counted itself (W3C webrtc-stats). */
function senderReports(page: Page) {
  return page.evaluate(async () => {
    const stats = (await window.engawaHooks.peers.at(-1)?.getStats()) ?? new Map()
    const reports = [...stats.values()].filter(({ type }) => type === 'remote-outbound-rtp')
    return reports.map((report) => {
      const here = stats.get(report.localId)
      return {
        lateMs: Number(report.timestamp - report.remoteTimestamp),
        packetsSent: Number(report.packetsSent),
        bytesSent: Number(report.bytesSent),
        packetsHere: Number(here.packetsReceived),
        bytesHere: Number(here.bytesReceived),
      }
    })
  })
}

function tsharkMissing(): string | null {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' })
    return null
  } catch {
    return 'tshark is not installed'
  }
}

/** RTP packets in the dump, as `source destination`, counted. */
function rtpFlows(file: string): Map<string, number> {
  const args = ['-r', file, '-d', 'udp.port==5004,rtp', '-Y', 'rtp', '-T', 'fields', '-e', 'ip.src', '-e', 'ip.dst']
  const lines = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .trim()
    .split('\n')
  const flows = new Map<string, number>()
  for (const line of lines) flows.set(line, (flows.get(line) ?? 0) + 1)
  return flows
}

describe('insight', () => {
  it('of a room where one speaks and one listens: figures on loopback, and packets that Wireshark reads', async () => {
    await using folder = await temporaryFolder('insight')
    const statsPort = await freePort()
    const dumpFile = path.join(folder.path, 'packets.pcap')
    const program = await startProgram({
      dataFolder: path.join(folder.path, 'data'),
      env: { ENGAWA_STATS_PORT: String(statsPort), ENGAWA_PACKET_DUMP: dumpFile },
    })
    await using hana = await openPerson({ voice: 'host' })
    await using gus = await openPerson({ voice: 'guest' })
    await register(hana.page, program.url, account('Hana'))
    const link = await createRoom(hana.page, program.url, { title: 'Insight' })
    await goLive(hana.page)
    await enterAsGuest(gus.page, link, 'Gus')

    const view = () => readView(statsPort)
    const find = (onStage: boolean) => findPerson(statsPort, onStage)
    // The first receiver reports come within five seconds, those that know a round trip with the second.
    await expect.poll(async () => (await find(false))?.roundTripMs ?? -1, { timeout: 30_000 }).toBeGreaterThanOrEqual(0)
    expect(await view()).toMatchObject({ line: 'up', people: 2 })
    expect(await find(true)).toMatchObject({ state: 'connected', lossUp: 0 })
    await expect.poll(async () => (await find(true))?.traffic?.packetsInPerS).toBeGreaterThan(20)
    expect(await find(false)).toMatchObject({ state: 'connected', lossDown: 0 })
    expect((await find(false))?.roundTripMs).toBeLessThan(100)
    await expect.poll(async () => (await find(false))?.traffic?.packetsOutPerS).toBeGreaterThan(5)

    const reports = await senderReports(gus.page)
    expect(reports.length).toBeGreaterThan(0)
    for (const { lateMs, packetsSent, bytesSent, packetsHere, bytesHere } of reports) {
      // Both clocks are this machine's: what is between them is the way, and an NTP time that is wrong.
      expect(Math.abs(lateMs)).toBeLessThan(SAME_CLOCK_MS)
      expect(packetsSent).toBeLessThanOrEqual(packetsHere)
      expect(bytesSent / packetsSent).toBeCloseTo(bytesHere / packetsHere, -2)
    }

    const stats = `http://127.0.0.1:${statsPort}/`
    expect(await (await fetch(`${stats}stats.json`)).text()).not.toMatch(/Hana|Gus|Insight/)
    const page = await gus.browser.newPage()
    await page.goto(stats)
    await page.getByRole('heading', { name: /^Room \S+: 2 people$/ }).waitFor()
    await page.getByRole('row', { name: 'connected, on stage, heard' }).waitFor()
    await page.getByRole('row', { name: 'connected, audience' }).waitFor()
    if (PICTURES) await page.screenshot({ path: path.join(PICTURES, 'stats-live.png') })

    await program.stop()
    expect(statSync(dumpFile).mode & 0o777).toBe(0o600)
    const why = tsharkMissing()
    if (why) console.warn(`SKIPPED Wireshark reads the packet dump: ${why}`)
    else {
      const flows = rtpFlows(dumpFile)
      expect(flows.get('10.64.0.1\t10.0.0.1')).toBeGreaterThan(100)
      expect(flows.get('10.0.0.1\t10.64.0.2')).toBeGreaterThan(50)
    }
  })
  const why = whyNoNamespaces()
  if (why) console.warn(`SKIPPED redundancy for who loses packets: ${why}`)

  it.skipIf(why !== null)(
    'of a listener who loses packets: loss is told, RED is sent, and not any more when it is over',
    async () => {
      await using folder = await temporaryFolder('loss')
      await using far = openCuttableHost(3)
      const statsPort = await freePort()
      const program = await startProgram({
        dataFolder: folder.path,
        env: { ENGAWA_HOST: '0.0.0.0', ENGAWA_STATS_PORT: String(statsPort) },
      })
      await using hana = await openPerson({ voice: 'host' })
      const farUrl = `http://${far.gateway}:${program.port}`
      await using gus = await openPerson({
        voice: 'guest',
        executablePath: far.wrapExecutable(chromiumPath(), folder.path),
        args: [`--unsafely-treat-insecure-origin-as-secure=${farUrl}`],
      })
      await register(hana.page, program.url, account('Hana'))
      const link = await createRoom(hana.page, program.url, { title: 'Loss' })
      await goLive(hana.page)
      await enterAsGuest(gus.page, link.replace(program.url, farUrl), 'Gus')
      const isSentRed = async () => (await findPerson(statsPort, false))?.sentRed
      await expect.poll(isSentRed, { timeout: 20_000 }).toBe(false)

      far.lose(10)
      await expect.poll(isSentRed, { timeout: SWITCH_LIMIT_MS }).toBe(true)
      // Told with the next reports; NACKs have switched RED on before.
      const lossDown = async () => (await findPerson(statsPort, false))?.lossDown
      await expect.poll(lossDown, { timeout: SWITCH_LIMIT_MS }).toBeGreaterThan(0.02)
      await expect.poll(() => countRed(statsPort), { timeout: 20_000 }).toBeGreaterThan(50)
      const heard = await capture(gus.page, 'heard', HEAR_MS)
      expect(matchInLoop(heard.pcm, hana.clip).correlation).toBeGreaterThan(SAME_SOUND)

      far.lose(0)
      await expect.poll(isSentRed, { timeout: SWITCH_LIMIT_MS }).toBe(false)
      await program.stop()
    },
  )
})
