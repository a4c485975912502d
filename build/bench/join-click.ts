import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { openPerson, type Person } from '../harness/person.ts'
import { cpuMsOf, findChild } from '../harness/processes.ts'
import { startProgram } from '../harness/program.ts'
import { account, createRoom, goLive, inRoom, register } from '../harness/steps.ts'
import { type BenchOptions, type BenchReport, barAtMost, percentile, round } from './report.ts'

const JOINS = 24
const QUICK_JOINS = 3
/** product.md: a listener hears the room within a second. */
const GOAL_P50_MS = 1_000
const GOAL_P95_MS = 2_000
/** Through server and node it may take this much of a direct call's time. */
const GOAL_RATIO = 1.5

/**
 * From the click on "Enter the room" to the first audible sample, measured in the listener's page by its
 * wall clock. The peer in the same run is a direct call: two RTCPeerConnections in one page, without server or
 * node, the microphone open already.
 */
export async function benchJoinClick({ quick }: BenchOptions): Promise<Pick<BenchReport, 'rows' | 'bars'>> {
  const joins = quick ? QUICK_JOINS : JOINS
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'engawa-bench-'))
  const program = await startProgram({ dataFolder, env: { ENGAWA_LOG_LEVEL: 'warn' } })
  const host = await openPerson({ voice: 'host', clipFile: await writeGaplessClip(dataFolder) })
  const listener = await openPerson({ voice: 'guest' })
  try {
    await register(host.page, program.url, account('Hana'))
    const link = await createRoom(host.page, program.url, { title: 'Bench' })
    await goLive(host.page)
    const relayPid = findChild(program.pid, 'relay')
    const timesMs = await measureJoins(listener, link, joins)
    const directMs = await measureDirectCall(listener.page, program.url, joins)
    const cpuPerJoinMs = await measureCpu({ host, listener, link, relayPid, joins })
    return report({ timesMs, directMs, cpuPerJoinMs, joins })
  } finally {
    await listener[Symbol.asyncDispose]()
    await host[Symbol.asyncDispose]()
    await program.stop()
    await rm(dataFolder, { recursive: true, force: true })
  }
}

/** A sound without a pause, so that the first audible sample does not wait for the next word: noise, swelling four times a second. */
async function writeGaplessClip(folder: string): Promise<string> {
  const rateHz = 48_000
  const samples = new Int16Array(rateHz * 4)
  let random = 1
  for (let i = 0; i < samples.length; i++) {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0
    const swell = 0.55 + 0.45 * Math.sin((2 * Math.PI * 4 * i) / rateHz)
    samples[i] = ((random / 2 ** 32) * 2 - 1) * 9_000 * swell
  }
  const header = Buffer.alloc(44)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(36 + samples.byteLength, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rateHz, 24)
  header.writeUInt32LE(rateHz * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(samples.byteLength, 40)
  const file = path.join(folder, 'gapless.wav')
  await writeFile(file, Buffer.concat([header, Buffer.from(samples.buffer)]))
  return file
}

async function clickToSoundMs(page: Page): Promise<number> {
  await page.waitForFunction(() => window.engawaHooks.moments.firstAudibleAtMs !== null, undefined, { polling: 50 })
  return page.evaluate(() => {
    const { lastClickAtMs, firstAudibleAtMs } = window.engawaHooks.moments
    return (firstAudibleAtMs ?? Number.NaN) - (lastClickAtMs ?? Number.NaN)
  })
}

async function measureJoins({ page }: Person, link: string, joins: number): Promise<number[]> {
  const timesMs: number[] = []
  for (let join = 0; join <= joins; join++) {
    await enterFresh(page, link, `Guest ${join}`)
    const tookMs = await clickToSoundMs(page)
    // The first one warms the browser and the program up.
    if (join > 0) timesMs.push(tookMs)
    await leave(page)
  }
  return timesMs
}

async function enterFresh(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link)
  await page.evaluate(() => sessionStorage.clear())
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Enter the room' }).click()
}

async function leave(page: Page): Promise<void> {
  await inRoom(page)
  await page.getByRole('button', { name: 'Leave', exact: true }).click()
  await page.locator('html:not([data-room-state])').waitFor()
}

/** From the call of createOffer to sound, as a click would start it. */
async function measureDirectCall(page: Page, url: string, joins: number): Promise<number[]> {
  const timesMs: number[] = []
  await page.goto(url)
  for (let call = 0; call <= joins; call++) {
    const tookMs = await page.evaluate(async () => {
      const microphone = await navigator.mediaDevices.getUserMedia({ audio: true })
      const speaker = new RTCPeerConnection()
      const listener = new RTCPeerConnection()
      const element = new Audio()
      const clickedAtMs = performance.timeOrigin + performance.now()
      window.engawaHooks.moments.firstAudibleAtMs = null
      listener.ontrack = ({ streams }) => {
        element.srcObject = streams[0] ?? null
        void element.play()
      }
      speaker.onicecandidate = ({ candidate }) => void (candidate && listener.addIceCandidate(candidate))
      listener.onicecandidate = ({ candidate }) => void (candidate && speaker.addIceCandidate(candidate))
      for (const track of microphone.getTracks()) speaker.addTrack(track, microphone)
      await speaker.setLocalDescription()
      if (speaker.localDescription) await listener.setRemoteDescription(speaker.localDescription)
      await listener.setLocalDescription()
      if (listener.localDescription) await speaker.setRemoteDescription(listener.localDescription)
      const soundAtMs = await new Promise<number>((resolve) => {
        const look = () => {
          const at = window.engawaHooks.moments.firstAudibleAtMs
          if (at === null) setTimeout(look, 10)
          else resolve(at)
        }
        look()
      })
      speaker.close()
      listener.close()
      for (const track of microphone.getTracks()) track.stop()
      return soundAtMs - clickedAtMs
    })
    if (call > 0) timesMs.push(tookMs)
  }
  return timesMs
}

interface CpuRun {
  host: Person
  listener: Person
  link: string
  relayPid: number
  joins: number
}

/** CPU of the relay's process per join (join, connect, leave), with a muted host: no packet is forwarded. */
async function measureCpu({ host, listener, link, relayPid, joins }: CpuRun): Promise<number> {
  await host.page.keyboard.press('m')
  await host.page.getByRole('button', { name: /unmute/i }).waitFor()
  const beforeMs = cpuMsOf(relayPid)
  for (let join = 0; join < joins; join++) {
    await enterFresh(listener.page, link, `Counted ${join}`)
    await leave(listener.page)
  }
  return (cpuMsOf(relayPid) - beforeMs) / joins
}

interface ClickFigures {
  timesMs: number[]
  directMs: number[]
  cpuPerJoinMs: number
  joins: number
}

function report({ timesMs, directMs, cpuPerJoinMs, joins }: ClickFigures): Pick<BenchReport, 'rows' | 'bars'> {
  const p50 = percentile(timesMs, 0.5)
  const p95 = percentile(timesMs, 0.95)
  const directP50 = percentile(directMs, 0.5)
  const unit = 'ms'
  return {
    rows: [
      { what: 'Engawa: click to first audible sample', joins, p50Ms: round(p50), p95Ms: round(p95) },
      {
        what: 'peer: a direct call in one page',
        joins,
        p50Ms: round(directP50),
        p95Ms: round(percentile(directMs, 0.95)),
      },
      { what: "the whole relay's CPU per join and leave of a browser", joins, cpuMs: round(cpuPerJoinMs, 2) },
    ],
    bars: [
      barAtMost('click to sound, p50', round(p50), { goal: GOAL_P50_MS, unit }),
      barAtMost('click to sound, p95', round(p95), { goal: GOAL_P95_MS, unit }),
      barAtMost('click to sound against a direct call, p50', round(p50 / directP50, 2), {
        goal: GOAL_RATIO,
        unit: 'x',
      }),
    ],
  }
}
