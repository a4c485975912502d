import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cut, loudnessDbfs, matchInLoop, measureDelay } from '../audio/envelope.ts'
import { durationMs } from '../audio/pcm.ts'
import { alignByClock, type Captured, capture } from '../harness/capture.ts'
import { openPerson, type Person } from '../harness/person.ts'
import { type Program, startProgram, temporaryFolder } from '../harness/program.ts'
import { account, createRoom, enterAsGuest, goLive, register } from '../harness/steps.ts'
import { matchTrack, readTake, trackDelay } from '../harness/takes.ts'

/** issue: "envelope or spectral correlation at least 0.8 over the clip". */
const SAME_SOUND = 0.8
/** Longer than the longest clip. */
const LISTEN_MS = 11_500
/** A jitter buffer that has nothing to play is digitally silent; comfort noise stays below this. */
const SILENCE_DBFS = -70
/** What was on its way when the mute came, and the jitter buffer's fading out of it. */
const ON_ITS_WAY_MS = 1_000
/** What a person bears in talk is 400 ms (ITU-T G.114); on loopback there is no excuse for more. */
const DELAY_LIMIT_MS = 400

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let program: Program
let hana: Person
let gus: Person
let tomo: Person

/** What the speaker's microphone gave and what the listener heard, in the same stretch of time. */
async function speakAndHear(speaker: Person, listener: Person): Promise<{ said: Captured; heard: Captured }> {
  const [said, heard] = await Promise.all([
    capture(speaker.page, 'microphone', LISTEN_MS),
    capture(listener.page, 'heard', LISTEN_MS),
  ])
  return { said, heard }
}

async function expectHeard(speaker: Person, listener: Person, what: string): Promise<void> {
  const { said, heard } = await speakAndHear(speaker, listener)
  const { correlation } = matchInLoop(heard.pcm, speaker.clip)
  const delay = measureDelay(...alignByClock(said, heard), { minMs: 0, maxMs: 1_000 })
  console.log(`${what}: correlation ${correlation.toFixed(3)}, delay ${delay.offsetMs} ms`)
  expect(correlation).toBeGreaterThanOrEqual(SAME_SOUND)
  expect(delay.offsetMs).toBeLessThan(DELAY_LIMIT_MS)
}

/** What would have to change if somebody had joined again or renegotiated. */
function negotiation(person: Person): Promise<unknown> {
  return person.page.evaluate(() => ({
    peers: window.engawaHooks.peers.length,
    offer: window.engawaHooks.peers.at(-1)?.currentLocalDescription?.sdp,
    answer: window.engawaHooks.peers.at(-1)?.currentRemoteDescription?.sdp,
  }))
}

const button = (person: Person, name: string | RegExp) => person.page.getByRole('button', { name, exact: true })

beforeAll(async () => {
  folder = await temporaryFolder('room')
  program = await startProgram({ dataFolder: folder.path })
  ;[hana, gus, tomo] = await Promise.all([
    openPerson({ voice: 'host' }),
    openPerson({ voice: 'guest' }),
    openPerson({ voice: 'third' }),
  ])
})

afterAll(async () => {
  for (const person of [hana, gus, tomo]) await person?.[Symbol.asyncDispose]()
  await program?.stop()
  await folder?.[Symbol.asyncDispose]()
})

describe('an evening in a room', () => {
  it('a host goes live and two guests enter by the link', async () => {
    await register(hana.page, program.url, account('Hana'))
    const link = await createRoom(hana.page, program.url, { title: 'Slow trains' })
    await goLive(hana.page)
    await Promise.all([enterAsGuest(gus.page, link, 'Gus'), enterAsGuest(tomo.page, link, 'Tomo')])
    await hana.page.getByText('2 listeners').first().waitFor()
  })

  it('a listener hears the host', async () => {
    await expectHeard(hana, gus, 'host to listener')
  })

  it('everybody is told of the recording, and a hand asks for consent', async () => {
    await button(hana, 'Record').click()
    for (const person of [gus, tomo])
      await person.page
        .getByText(/Recording since/)
        .first()
        .waitFor()
    await button(gus, 'Raise hand').click()
    await button(gus, 'Agree and raise hand').click()
    await button(hana, 'Bring on stage: Gus').waitFor()
  })

  it('a listener brought on stage is heard by everybody, without joining again or renegotiating', async () => {
    const before = await negotiation(gus)
    await button(hana, 'Bring on stage: Gus').click()
    await button(gus, 'Mute').waitFor()
    // The host is silent, so that one voice is heard alone.
    await hana.page.keyboard.press('m')
    await button(hana, 'Unmute').waitFor()
    await expectHeard(gus, tomo, 'listener on stage to another listener')
    await expectHeard(gus, hana, 'listener on stage to the host')
    expect(await negotiation(gus)).toEqual(before)
    await hana.page.keyboard.press('m')
    await button(hana, 'Mute').waitFor()
  })

  it('a host mute is silence, even when the client keeps sending', async () => {
    await hana.page.keyboard.press('m')
    await button(hana, 'Unmute').waitFor()
    await hana.page.getByRole('button', { name: 'Actions for Gus' }).click()
    await hana.page.getByRole('menuitem', { name: 'Mute' }).click()
    await gus.page.getByText('The host muted you').first().waitFor()
    // A client that does not care: its track stays open.
    await gus.page.evaluate(() => {
      for (const sender of window.engawaHooks.peers.at(-1)?.getSenders() ?? [])
        if (sender.track) sender.track.enabled = true
    })
    const { said, heard } = await speakAndHear(gus, tomo)
    expect(loudnessDbfs(said.pcm)).toBeGreaterThan(-40)
    expect(loudnessDbfs(cut(heard.pcm, ON_ITS_WAY_MS, LISTEN_MS))).toBeLessThan(SILENCE_DBFS)
    await button(gus, 'Unmute').click()
    await button(gus, 'Mute').waitFor()
    await hana.page.keyboard.press('m')
    await button(hana, 'Mute').waitFor()
  })

  it('each speaker has a file that decodes whole, says what they said, and lines up with the others', async () => {
    const [hanaSaid, gusSaid] = await Promise.all([
      capture(hana.page, 'microphone', LISTEN_MS),
      capture(gus.page, 'microphone', LISTEN_MS),
    ])
    await button(hana, 'Stop recording').click()
    await button(hana, 'Record').waitFor()
    const take = await downloadTake()
    expect(take.manifest.endedBy).toBe('stopped')
    expect(take.manifest.tracks.map((track) => track.name).toSorted()).toEqual(['Gus', 'Hana'])
    expect(take.manifest.timeline.map((event) => event.type)).toContain('on-stage')
    const endedAtMs = take.manifest.endedAtMs ?? Number.NaN
    const lags: number[] = []
    for (const [person, name, said] of [
      [hana, 'Hana', hanaSaid],
      [gus, 'Gus', gusSaid],
    ] as const) {
      const heard = take.tracks.find(({ track }) => track.name === name)
      if (!heard) throw new Error(`no track of ${name}`)
      expect(Math.abs(durationMs(heard.pcm) - heard.track.lengthSamples / 48)).toBeLessThan(1)
      // Both were on stage and open until the end: their files reach the take's end.
      expect(Math.abs(heard.startedAtMs + durationMs(heard.pcm) - endedAtMs)).toBeLessThan(50)
      const match = matchTrack(heard, person.clip, said)
      const delay = trackDelay(heard, said)
      console.log(`track of ${name}: correlation ${match.correlation.toFixed(3)}, lag ${delay.offsetMs} ms`)
      expect(match.correlation).toBeGreaterThanOrEqual(SAME_SOUND)
      lags.push(delay.offsetMs)
    }
    expect(Math.abs((lags[0] ?? 0) - (lags[1] ?? 0))).toBeLessThanOrEqual(20)
  })

  it('who is removed is out, and cannot come back by the same seat', async () => {
    await hana.page.getByRole('button', { name: 'Actions for Tomo' }).click()
    await hana.page.getByRole('menuitem', { name: 'Remove from the room' }).click()
    await button(hana, 'Remove').click()
    await tomo.page.locator('html[data-room-state="left"]').waitFor()
    await hana.page.getByText('Tomo').first().waitFor({ state: 'detached' })
  })

  it('a listener goes back to the audience and is not heard', async () => {
    await hana.page.getByRole('button', { name: 'Actions for Gus' }).click()
    await hana.page.getByRole('menuitem', { name: 'Move to the audience' }).click()
    await button(gus, 'Raise hand').waitFor()
    const openTracks = await gus.page.evaluate(
      () =>
        window.engawaHooks.peers
          .at(-1)
          ?.getSenders()
          .filter((sender) => sender.track).length,
    )
    expect(openTracks).toBe(0)
  })
})

/** Downloads the newest take's files as the host does: through the app, with the host's own session. */
async function downloadTake() {
  const { page } = hana
  const files = await page.evaluate(async () => {
    const answer = await fetch('/api/trpc/takes.mine')
    const { result } = await answer.json()
    const [{ takeId, manifest }] = result.data
    const names: string[] = ['take.json', ...manifest.tracks.map((track: { file: string }) => track.file)]
    return Promise.all(
      names.map(async (name) => {
        const file = await fetch(`/api/takes/${takeId}/files/${name}`)
        if (!file.ok) throw new Error(`${name}: ${file.status}`)
        const bytes = new Uint8Array(await file.arrayBuffer())
        let text = ''
        for (const byte of bytes) text += String.fromCharCode(byte)
        return { name, base64: btoa(text) }
      }),
    )
  })
  for (const { name, base64 } of files) await writeFile(path.join(folder.path, name), Buffer.from(base64, 'base64'))
  return readTake(folder.path)
}
