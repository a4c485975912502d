import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { openPerson, type Person } from '../harness/person.ts'
import { cpuMsOf, findChild } from '../harness/processes.ts'
import { startProgram } from '../harness/program.ts'
import { account, createRoom, goLive, inRoom, register } from '../harness/steps.ts'
import { type BenchReport, percentile, round } from './report.ts'

const JOINS = 24
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
export async function benchJoin(): Promise<BenchReport> {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'engawa-bench-'))
  const program = await startProgram({ dataFolder, env: { ENGAWA_LOG_LEVEL: 'warn' } })
  const host = await openPerson({ voice: 'host', clipFile: await writeGaplessClip(dataFolder) })
  const listener = await openPerson({ voice: 'guest' })
  try {
    await register(host.page, program.url, account('Hana'))
    const link = await createRoom(host.page, program.url, { title: 'Bench' })
    await goLive(host.page)
    const relayPid = findChild(program.pid, 'relay')
    const timesMs = await measureJoins(listener, link)
    const directMs = await measureDirectCall(listener.page, program.url)
    const cpuPerJoinMs = await measureCpu({ host, listener, link, relayPid })
    return report({ timesMs, directMs, cpuPerJoinMs })
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

async function measureJoins({ page }: Person, link: string): Promise<number[]> {
  const timesMs: number[] = []
  for (let join = 0; join <= JOINS; join++) {
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
async function measureDirectCall(page: Page, url: string): Promise<number[]> {
  const timesMs: number[] = []
  await page.goto(url)
  for (let call = 0; call <= JOINS; call++) {
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
}

/** CPU of the relay's process per join (join, connect, leave), with a muted host: no packet is forwarded. */
async function measureCpu({ host, listener, link, relayPid }: CpuRun): Promise<number> {
  await host.page.keyboard.press('m')
  await host.page.getByRole('button', { name: /unmute/i }).waitFor()
  const beforeMs = cpuMsOf(relayPid)
  for (let join = 0; join < JOINS; join++) {
    await enterFresh(listener.page, link, `Counted ${join}`)
    await leave(listener.page)
  }
  return (cpuMsOf(relayPid) - beforeMs) / JOINS
}

function report(figures: { timesMs: number[]; directMs: number[]; cpuPerJoinMs: number }): BenchReport {
  const p50 = percentile(figures.timesMs, 0.5)
  const p95 = percentile(figures.timesMs, 0.95)
  const directP50 = percentile(figures.directMs, 0.5)
  return {
    bench: 'join',
    rows: [
      {
        what: 'Engawa: click to first audible sample',
        joins: figures.timesMs.length,
        p50Ms: round(p50),
        p95Ms: round(p95),
      },
      {
        what: 'peer: a direct call in one page',
        joins: figures.directMs.length,
        p50Ms: round(directP50),
        p95Ms: round(percentile(figures.directMs, 0.95)),
      },
      { what: "node's CPU per join and leave (mean)", joins: JOINS, cpuMs: round(figures.cpuPerJoinMs, 2) },
    ],
    bars: [
      { name: 'click to sound, p50', value: round(p50), unit: 'ms', goal: `<= ${GOAL_P50_MS}`, ok: p50 <= GOAL_P50_MS },
      { name: 'click to sound, p95', value: round(p95), unit: 'ms', goal: `<= ${GOAL_P95_MS}`, ok: p95 <= GOAL_P95_MS },
      {
        name: 'click to sound against a direct call, p50',
        value: round(p50 / directP50, 2),
        unit: 'x',
        goal: `<= ${GOAL_RATIO}`,
        ok: p50 / directP50 <= GOAL_RATIO,
      },
    ],
  }
}
