import { setTimeout as delay } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { AUDIENCE_PACKET_MS, type AudiencePacketMs, DEFAULT_AUDIENCE_PACKET_MS } from '../../sfu-core/contract/media.ts'
import { type InboundAudio, inboundBetween, readInboundAudio } from '../harness/inbound-audio.ts'
import { type CuttableHost, openCuttableHost, whyNoNamespaces } from '../harness/network.ts'
import { chromiumPath, openPerson } from '../harness/person.ts'
import { freePort, type Program, startProgram, temporaryFolder } from '../harness/program.ts'
import { installProtection, type Protection } from '../harness/protection-hook.ts'
import { openSlowPath } from '../harness/slow-path.ts'
import { account, goLive, inRoom, register } from '../harness/steps.ts'
import { MissingPackages } from './load/native.ts'
import { type PacketsRow, type ProtectionName, packetsReport } from './packets-report.ts'
import type { BenchOptions, BenchReport } from './report.ts'

const PROTECTIONS: Record<ProtectionName, Pick<Protection, 'nack' | 'red'>> = {
  none: { nack: false, red: false },
  nack: { nack: true, red: false },
  red: { nack: false, red: true },
  both: { nack: true, red: true },
}

/** Between two looks at the jitter buffers after joining, and how much shorter counts as still going down. */
const SETTLE_LOOK_MS = 3_000
const SETTLED_MS = 5
/** After each change of the loss: receivers report each 5 s, and RED is sent to who reports loss. */
const WARM_UP_MS = 6_000
const FULL: Extent = {
  rooms: [
    ...AUDIENCE_PACKET_MS.map((packetMs) => ({ packetMs, roundTripMs: 0, lossesPercent: [0, 3, 10] })),
    // Retransmissions that come at once flatter NACK: the same from another continent. Last, because of refuseFrom.
    { packetMs: DEFAULT_AUDIENCE_PACKET_MS, roundTripMs: 100, lossesPercent: [3, 10] },
  ],
  soundMs: 20_000,
  settleMaxMs: 20_000,
}
const QUICK: Extent = {
  rooms: [
    { packetMs: 20, roundTripMs: 0, lossesPercent: [0] },
    { packetMs: DEFAULT_AUDIENCE_PACKET_MS, roundTripMs: 0, lossesPercent: [0, 3] },
    { packetMs: DEFAULT_AUDIENCE_PACKET_MS, roundTripMs: 100, lossesPercent: [3] },
  ],
  soundMs: 3_000,
  settleMaxMs: 0,
}
/** Keeps the namespace apart from those of the tests. */
const NAMESPACE_INDEX = 40
const IPV4_AND_UDP_HEADER_BYTES = 28

interface Listener {
  protection: ProtectionName
  page: Page
}

/** How much is measured. */
interface Extent {
  rooms: RoomPlan[]
  /** Of each cell. */
  soundMs: number
  settleMaxMs: number
}

interface RoomPlan {
  packetMs: AudiencePacketMs
  roundTripMs: number
  lossesPercent: number[]
}

/**
 * What Chromium's own statistics say of packet lengths and loss: a room for each packet length, in it a listener for
 * each protection, in a network namespace that drops UDP packets on their way in. One room after the other, so that two
 * cores suffice. The sound is speech with its pauses.
 * @throws MissingPackages where there are no network namespaces.
 */
export async function benchPackets({ quick }: BenchOptions): Promise<BenchReport> {
  const why = whyNoNamespaces()
  if (why !== null) throw new MissingPackages(why)
  const extent = quick ? QUICK : FULL
  await using folder = await temporaryFolder('packets')
  await using far = openCuttableHost(NAMESPACE_INDEX)
  const mediaPort = await freePort()
  await using program = await disposableProgram(folder.path, mediaPort)
  await using stage = await openPerson({ voice: 'host' })
  await using crowd = await openPerson({
    voice: 'guest',
    executablePath: far.wrapExecutable(chromiumPath(), folder.path),
    args: [`--unsafely-treat-insecure-origin-as-secure=http://${far.gateway}:${program.port}`],
  })
  const host = await newPage(stage.browser, { ...PROTECTIONS.both, through: null })
  await register(host, program.url, account('Hana'))
  const rows: PacketsRow[] = []
  for (const plan of extent.rooms) {
    const path = await openRoom(host, program.url, plan.packetMs)
    const link = `http://${far.gateway}:${program.port}${path}`
    rows.push(...(await measureRoom({ plan, extent, link, far, crowd: crowd.browser, mediaPort })))
  }
  return packetsReport(rows)
}

interface RoomRun {
  plan: RoomPlan
  extent: Extent
  link: string
  far: CuttableHost
  crowd: Browser
  mediaPort: number
}

/** All of a room's losses, one after the other, all protections at the same time. */
async function measureRoom({ plan, extent, link, far, crowd, mediaPort }: RoomRun): Promise<PacketsRow[]> {
  await using slow = await openSlowPath({ targetPort: mediaPort, roundTripMs: plan.roundTripMs })
  far.lose(0)
  // The node's own checks would open the short way.
  if (plan.roundTripMs > 0) far.refuseFrom(mediaPort)
  const through = plan.roundTripMs > 0 ? { address: far.gateway, port: slow.port } : null
  const listeners = await openListeners(crowd, link, through)
  await settle(listeners, extent.settleMaxMs)
  const rows: PacketsRow[] = []
  for (const lossPercent of plan.lossesPercent)
    rows.push(...(await measure({ plan, listeners, far, lossPercent, soundMs: extent.soundMs })))
  await Promise.all(listeners.map(({ page }) => page.context().close()))
  return rows
}

async function disposableProgram(dataFolder: string, mediaPort: number): Promise<Program & AsyncDisposable> {
  const env = {
    ENGAWA_HOST: '0.0.0.0',
    ENGAWA_LOG_LEVEL: 'warn',
    ENGAWA_RTC_PORT_RANGE: `${mediaPort}-${mediaPort}`,
    ENGAWA_MEDIA_THREADS: '0',
  }
  const program = await startProgram({ dataFolder, env })
  const stop = async () => {
    await program.stop()
  }
  return { ...program, [Symbol.asyncDispose]: stop }
}

/** A live room with its host on stage, speaking. Answers with the path of its link. */
async function openRoom(page: Page, url: string, packetMs: AudiencePacketMs): Promise<string> {
  await page.goto(url)
  const roomId = await page.evaluate(async (audiencePacketMs) => {
    const title = `${audiencePacketMs} ms`
    const answer = await fetch('/api/trpc/rooms.create', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title, visibility: 'public', hosting: 'relay', audiencePacketMs }),
    })
    const { result } = await answer.json()
    return String(result.data.roomId)
  }, packetMs)
  await page.goto(`${url}/r/${roomId}`)
  await goLive(page)
  return `/r/${roomId}`
}

/** All pages are loaded before the first one enters: what a page costs must not be heard by the others. */
async function openListeners(browser: Browser, link: string, through: Protection['through']): Promise<Listener[]> {
  const listeners: Listener[] = []
  for (const protection of Object.keys(PROTECTIONS) as ProtectionName[]) {
    const page = await newPage(browser, { ...PROTECTIONS[protection], through })
    await page.goto(link)
    await page.getByLabel('Your name').fill(protection)
    listeners.push({ protection, page })
  }
  await Promise.all(
    listeners.map(async ({ page }) => {
      await page.getByRole('button', { name: 'Enter the room' }).click()
      await inRoom(page)
    }),
  )
  return listeners
}

/** A page of its own context: another person. */
async function newPage(browser: Browser, protection: Protection): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce' })
  await context.addInitScript(installProtection, protection)
  return context.newPage()
}

/** Until nobody's jitter buffer grows shorter any more: joining has its bumps, and buffers forget them slowly. */
async function settle(listeners: Listener[], maxMs: number): Promise<void> {
  const deadlineMs = performance.now() + maxMs
  let before = await lookAt(listeners)
  let lengthsMs: number[] = []
  while (performance.now() < deadlineMs) {
    await delay(SETTLE_LOOK_MS)
    const after = await lookAt(listeners)
    const nextMs = after.map((look, index) => jitterBufferMs(between(before[index], look)))
    if (nextMs.every((lengthMs, index) => lengthMs > (lengthsMs[index] ?? 0) - SETTLED_MS)) return
    before = after
    lengthsMs = nextMs
  }
}

function lookAt(listeners: Listener[]): Promise<InboundAudio[]> {
  return Promise.all(listeners.map(({ page }) => readInboundAudio(page)))
}

interface Phase {
  plan: RoomPlan
  listeners: Listener[]
  far: CuttableHost
  lossPercent: number
  soundMs: number
}

/** One loss, all listeners of the room at the same time. */
async function measure({ plan, listeners, far, lossPercent, soundMs }: Phase): Promise<PacketsRow[]> {
  far.lose(lossPercent)
  await delay(WARM_UP_MS)
  const before = await lookAt(listeners)
  await delay(soundMs)
  const after = await lookAt(listeners)
  return listeners.map(({ protection }, index) => {
    const { packetMs, roundTripMs } = plan
    return { packetMs, roundTripMs, lossPercent, protection, ...figures(between(before[index], after[index])) }
  })
}

function between(before: InboundAudio | undefined, after: InboundAudio | undefined): InboundAudio {
  if (!before || !after) throw new Error('a listener was not looked at')
  return inboundBetween(before, after)
}

function jitterBufferMs({ jitterBufferDelayS, jitterBufferEmittedCount }: InboundAudio): number {
  return (jitterBufferDelayS / jitterBufferEmittedCount) * 1_000
}

function figures(heard: InboundAudio): Omit<PacketsRow, 'packetMs' | 'roundTripMs' | 'lossPercent' | 'protection'> {
  const audibly = heard.concealedSamples - heard.silentConcealedSamples
  const bytes = heard.transportBytes + heard.transportPackets * IPV4_AND_UDP_HEADER_BYTES
  return {
    concealedPercent: (audibly / heard.totalSamplesReceived) * 100,
    concealmentEventsPerMinute: (heard.concealmentEvents / heard.atMs) * 60_000,
    jitterBufferMs: jitterBufferMs(heard),
    kbps: (bytes * 8) / heard.atMs,
  }
}
