import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matchInLoop } from '../audio/envelope.ts'
import type { Pcm } from '../audio/pcm.ts'
import { capture } from '../harness/capture.ts'
import { openPerson, type Person } from '../harness/person.ts'
import { type Program, startProgram, temporaryFolder } from '../harness/program.ts'
import { account, createRoom, enterAsGuest, goLive, register } from '../harness/steps.ts'
import {
  captureInFirefox,
  enterInFirefox,
  type FirefoxPerson,
  hostInFirefox,
  openFirefox,
  press,
  registerInFirefox,
  seeButton,
  whyNoFirefox,
} from '../interop/firefox.ts'
import { openWrtcGuest, type WrtcGuest, whyNoWrtc } from '../interop/wrtc-guest.ts'

/** issue: "envelope or spectral correlation at least 0.8 over the clip". */
const SAME_SOUND = 0.8
/** Longer than the longest clip, and than the 10 s that getContributingSources remembers (W3C webrtc-pc §5.3). */
const LISTEN_MS = 11_500
const LISTEN_TIMES = 3
/** A sender report arrives at once on one machine, but for a busy one's delay. */
const REPORT_CLOCK_LIMIT_MS = 400

const noFirefox = whyNoFirefox()
const noWrtc = await whyNoWrtc()
if (noFirefox !== null) console.warn(`SKIPPED Firefox: ${noFirefox}`)
if (noWrtc !== null) console.warn(`SKIPPED libwebrtc for Node: ${noWrtc}`)

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let program: Program
let hana: Person
let link: string
/** As the packets that Firefox hears name the host. */
let hostNumber: number | undefined

const button = (person: Person, name: string) => person.page.getByRole('button', { name, exact: true })

/** Listens again where a busy machine has torn the sound: two browsers and a node share its cores. */
async function expectHeard(what: string, clip: Pcm, listen: () => Promise<Pcm>): Promise<void> {
  let best = -1
  for (let time = 0; time < LISTEN_TIMES && best < SAME_SOUND; time++) {
    const { correlation } = matchInLoop(await listen(), clip)
    console.log(`${what}: correlation ${correlation.toFixed(3)}`)
    best = Math.max(best, correlation)
  }
  expect(best).toBeGreaterThanOrEqual(SAME_SOUND)
}

/** What a person in Chromium hears. */
const hearing = (person: Person) => async () => (await capture(person.page, 'heard', LISTEN_MS)).pcm
/** The same in Firefox. */
const hearingInFirefox = (person: FirefoxPerson) => () => captureInFirefox(person.page, 'heard', LISTEN_MS)

/** Runs in the page: who the packets of all slots name, and by how many streams sound came. */
function readSources(): { speakers: number[]; streams: number } {
  const receivers = window.engawaHooks.peers.at(-1)?.getReceivers() ?? []
  const speakers = receivers.flatMap((receiver) => receiver.getContributingSources().map(({ source }) => source))
  const streams = receivers.filter((receiver) => receiver.getSynchronizationSources().length > 0).length
  return { speakers: [...new Set(speakers)], streams }
}

/**
 * Runs in the page: how far the clock of the newest sender report (RFC 3550 §6.4.1, NTP) is from its arrival; null where
 * none has come yet.
 */
async function readReportClock(): Promise<number | null> {
  const rows = [...((await window.engawaHooks.peers.at(-1)?.getStats()) ?? new Map()).values()]
  const report = rows.find((row) => row.type === 'remote-outbound-rtp' && row.remoteTimestamp > 0)
  return report ? report.timestamp - report.remoteTimestamp : null
}

const sourcesIn = (page: Page) => page.evaluate(readSources)
const sourcesInFirefox = (person: FirefoxPerson) => person.page.evaluate(readSources)

/** So that one voice is heard alone. */
async function silenceHost(): Promise<void> {
  await hana.page.keyboard.press('m')
  await button(hana, 'Unmute').waitFor()
}

async function unmuteHost(): Promise<void> {
  await hana.page.keyboard.press('m')
  await button(hana, 'Mute').waitFor()
}

beforeAll(async () => {
  folder = await temporaryFolder('interop')
  program = await startProgram({ dataFolder: folder.path })
  hana = await openPerson({ voice: 'host' })
  await register(hana.page, program.url, account('Hana'))
  link = await createRoom(hana.page, program.url, { title: 'Many tongues' })
  await goLive(hana.page)
})

afterAll(async () => {
  await hana?.[Symbol.asyncDispose]()
  await program?.stop()
  await folder?.[Symbol.asyncDispose]()
})

describe.skipIf(noFirefox !== null)('Firefox', () => {
  let fox: FirefoxPerson

  beforeAll(async () => {
    fox = await openFirefox('guest')
    console.log(await fox.browser.version())
  })

  afterAll(() => fox?.[Symbol.asyncDispose]())

  it('as a host is heard in Chromium, which reads from the packets who speaks and what time it is', async () => {
    await registerInFirefox(fox.page, program.url, account('Fox'))
    const foxLink = await hostInFirefox(fox.page, program.url, "Fox's den")
    await using gus = await openPerson({ voice: 'third' })
    await enterAsGuest(gus.page, foxLink, 'Gus')
    await expectHeard('Firefox to Chromium', fox.clip, hearing(gus))
    expect(await sourcesIn(gus.page)).toMatchObject({ speakers: [expect.any(Number)], streams: 1 })
    const offMs = (await gus.page.evaluate(readReportClock)) ?? Number.NaN
    expect(Math.abs(offMs)).toBeLessThan(REPORT_CLOCK_LIMIT_MS)
  })

  it('as a listener hears Chromium, and reads from the packets who speaks', async () => {
    await enterInFirefox(fox.page, link, null)
    await expectHeard('Chromium to Firefox', hana.clip, hearingInFirefox(fox))
    const { speakers, streams } = await sourcesInFirefox(fox)
    expect({ speakers: speakers.length, streams }).toEqual({ speakers: 1, streams: 1 })
    hostNumber = speakers[0]
  })

  it('reads the right time from sender reports', async () => {
    const offMs = (await fox.page.evaluate(readReportClock)) ?? Number.NaN
    expect(Math.abs(offMs)).toBeLessThan(REPORT_CLOCK_LIMIT_MS)
  })

  it('brought on stage is heard in Chromium, by the one connection that it has', async () => {
    await press(fox.page, 'Raise hand')
    await button(hana, 'Bring on stage: Fox').click()
    await seeButton(fox.page, 'Mute')
    await silenceHost()
    await expectHeard('Firefox on stage to Chromium', fox.clip, hearing(hana))
    expect(await fox.page.evaluate(() => window.engawaHooks.peers.length)).toBe(1)
    const { speakers } = await sourcesIn(hana.page)
    expect(speakers).toEqual([expect.any(Number)])
    expect(speakers).not.toContain(hostNumber)
    await unmuteHost()
  })

  it('on stage hears the host on', async () => {
    await press(fox.page, 'Mute')
    await seeButton(fox.page, 'Unmute')
    await expectHeard('Chromium to Firefox on stage', hana.clip, hearingInFirefox(fox))
  })
})

describe.skipIf(noWrtc !== null)('libwebrtc for Node', () => {
  let third: WrtcGuest

  beforeAll(async () => {
    third = await openWrtcGuest(link, 'Thea')
  })

  afterAll(() => third?.[Symbol.asyncDispose]())

  it('as a listener hears Chromium, and reads from the packets who speaks', async () => {
    await expectHeard('Chromium to libwebrtc for Node', hana.clip, () => third.hear(LISTEN_MS))
    expect(third.contributingSources()).toEqual([hostNumber ?? expect.any(Number)])
  })

  it('brought on stage is heard in Chromium, named by its number', async () => {
    await using gus = await openPerson({ voice: 'guest' })
    await enterAsGuest(gus.page, link, 'Gus')
    await third.act({ type: 'raise-hand', recordingConsent: false })
    await button(hana, 'Bring on stage: Thea').click()
    await third.speak(gus.clip)
    await silenceHost()
    await Promise.all([
      expectHeard('libwebrtc for Node to the host', gus.clip, hearing(hana)),
      expectHeard('libwebrtc for Node to a listener', gus.clip, hearing(gus)),
    ])
    expect((await sourcesIn(hana.page)).speakers).toEqual([third.number])
    expect((await sourcesIn(gus.page)).speakers).toEqual([third.number])
    await unmuteHost()
  })
})
