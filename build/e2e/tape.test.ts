import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { clipCorrelation, shareOf } from '../audio/samples.ts'
import { capture } from '../harness/capture.ts'
import { openPerson } from '../harness/person.ts'
import { startProgram, temporaryFolder } from '../harness/program.ts'
import { openReturningPerson } from '../harness/returning-person.ts'
import { account, createRoom, enterAsGuest, goLive, register } from '../harness/steps.ts'
import { decodeTape, keptTapes, storedTapes, watchChunks } from '../harness/tapes.ts'

const LISTEN_MS = 7_000
/** A pause between two tries to send is 37 s at most. */
const SENT_TIMEOUT_MS = 60_000
/** What lies between the microphone and the worker when a browser is killed: a few blocks of 10 ms. */
const ON_ITS_WAY_MS = 100
/** Two chunks and a journal do not fit. */
const QUOTA_BYTES = 1_200_000

/** Of what the test captured beside. */
const SAME_SHARE = 0.7

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

async function allSent(page: Page): Promise<void> {
  await expect.poll(() => keptTapes(page), { timeout: SENT_TIMEOUT_MS }).toEqual([])
}

describe('tapes', () => {
  it('of two people on stage are at the server, sample by sample, and nothing is left in the browsers', async () => {
    await using folder = await temporaryFolder('tape')
    const program = await startProgram({ dataFolder: folder.path })
    await using hana = await openPerson({ voice: 'host' })
    await using gus = await openPerson({ voice: 'guest' })
    await hana.page.addInitScript(() => localStorage.setItem('engawa.tape', 'both mono'))
    await register(hana.page, program.url, account('Hana'))
    const link = await createRoom(hana.page, program.url, { title: 'Tape' })
    await goLive(hana.page)
    await button(hana.page, 'Record').click()
    await enterAsGuest(gus.page, link, 'Gus')
    await button(gus.page, 'Raise hand').click()
    await button(gus.page, 'Agree and raise hand').click()
    await button(hana.page, 'Bring on stage: Gus').click()
    await button(gus.page, 'Mute').waitFor()

    const [hanaSaid, gusSaid] = await Promise.all([
      capture(hana.page, 'microphone', LISTEN_MS),
      capture(gus.page, 'microphone', LISTEN_MS),
    ])
    await button(hana.page, 'Stop recording').click()
    await Promise.all([allSent(hana.page), allSent(gus.page)])

    const tapes = await Promise.all(storedTapes(folder.path).map(decodeTape))
    expect(tapes).toHaveLength(3)
    // What the page itself got from the same track is in one of the tapes, sample by sample.
    const places = [hanaSaid, gusSaid].map(({ pcm }) => tapes.findIndex((tape) => shareOf(tape, pcm) > SAME_SHARE))
    expect(new Set(places).size).toBe(2)
    expect(places).not.toContain(-1)
    const unprocessed = tapes.find((_, at) => !places.includes(at)) ?? new Int32Array()
    const correlation = clipCorrelation(unprocessed, hana.clip)
    console.log(`unprocessed tape and the file that the microphone plays: correlation ${correlation.toFixed(7)}`)
    expect(correlation).toBeGreaterThan(0.999)
    await program.stop()
  })

  it.skipIf(process.platform !== 'linux')(
    'of a browser that is killed (SIGKILL) comes at its next start, to the last moment',
    async () => {
      await using folder = await temporaryFolder('tape-kill')
      await using profile = await temporaryFolder('tape-profile')
      const program = await startProgram({ dataFolder: folder.path })
      const hana = await openReturningPerson({ voice: 'host', profileFolder: profile.path })
      const chunks = watchChunks(hana.context)
      await register(hana.page, program.url, account('Hana'))
      await createRoom(hana.page, program.url, { title: 'Tape' })
      await goLive(hana.page)
      await button(hana.page, 'Record').click()
      await expect.poll(() => storedTapes(folder.path)[0]?.files.length, { timeout: SENT_TIMEOUT_MS }).toBe(1)
      const worker = hana.page.workers().find((each) => each.url().includes('tape-worker'))
      const originMs = (await worker?.evaluate(() => performance.timeOrigin)) ?? Number.NaN
      await hana.page.waitForTimeout(2_500)
      const killedAtMs = hana.kill()

      await using again = await openReturningPerson({ voice: 'host', profileFolder: profile.path })
      const rest = watchChunks(again.context)
      await again.page.goto(program.url)
      await expect.poll(() => storedTapes(folder.path)[0]?.files.length, { timeout: SENT_TIMEOUT_MS }).toBe(2)
      await allSent(again.page)
      const [tape] = storedTapes(folder.path)
      if (tape === undefined) throw new Error('no tape')
      const samples = await decodeTape(tape)
      const marks = [chunks, rest]
        .flatMap((seen) => [...(seen.get(tape.tapeId)?.values() ?? [])])
        .flatMap((c) => c.marks)
      const lateMs = Math.min(...marks.slice(-8).map(([sample, atMs]) => atMs - sample / 48))
      const lostMs = killedAtMs - (originMs + lateMs + samples.length / 48)
      console.log(`the last sample was captured ${lostMs.toFixed(1)} ms before the kill`)
      expect(lostMs).toBeLessThan(ON_ITS_WAY_MS)
      await program.stop()
    },
  )

  // A private window's files take what is over their quota without a word, and without keeping it.
  it.each(['a lasting', 'a private'] as const)(
    'go on where the browser gives %s window no more room and the network takes nothing, and come when it does',
    async (kind) => {
      await using folder = await temporaryFolder('tape-quota')
      await using profile = await temporaryFolder('tape-profile')
      const program = await startProgram({ dataFolder: folder.path })
      const options = { voice: 'host', profileFolder: profile.path } as const
      await using hana = await (kind === 'a private' ? openPerson(options) : openReturningPerson(options))
      const context = hana.page.context()
      await register(hana.page, program.url, account('Hana'))
      await createRoom(hana.page, program.url, { title: 'Tape' })
      await goLive(hana.page)
      await context.route('**/api/tapes/**', (route) => route.abort())
      const devtools = await context.newCDPSession(hana.page)
      await devtools.send('Storage.overrideQuotaForOrigin', { origin: program.url, quotaSize: QUOTA_BYTES })
      await button(hana.page, 'Record').click()
      const said = await capture(hana.page, 'microphone', 12_000)
      await context.unroute('**/api/tapes/**')
      await button(hana.page, 'Stop recording').click()
      await allSent(hana.page)
      const [tape] = storedTapes(folder.path)
      if (tape === undefined) throw new Error('no tape')
      expect(shareOf(await decodeTape(tape), said.pcm)).toBeGreaterThan(SAME_SHARE)
      await program.stop()
    },
  )
})
