import type { Browser } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { clipCorrelation, placeOf } from '../audio/samples.ts'
import { type Captured, capture } from '../harness/capture.ts'
import { allSent, assembled, bringOnStage, newestTake, startRecording, stopRecording } from '../harness/evening.ts'
import { openPerson, type Voice } from '../harness/person.ts'
import { startProgram, temporaryFolder } from '../harness/program.ts'
import { account, createRoom, enterAsGuest, goLive, register } from '../harness/steps.ts'
import { spreadMs, verdictOn } from '../harness/tape-verdict.ts'
import { comeOnStage, type Guest, openTapedEvening, talk } from '../harness/taped-evening.ts'

const LISTEN_MS = 7_000
const TALK_MS = 8_000
/** Each is compared with the clip for itself. */
const WINDOW_COUNT = 4
const WINDOW_SAMPLES = 72_000
/** issue: "alignment between speakers within 5 ms". */
const ALIGNED_WITHIN_MS = 5

/** Stretches over all of a track, without its first second, in which it may not have begun. */
function windowsOf(track: Int32Array): Int32Array[] {
  const step = Math.floor((track.length - 48_000 - WINDOW_SAMPLES) / WINDOW_COUNT)
  return Array.from({ length: WINDOW_COUNT }, (_, i) => {
    const from = 48_000 + Math.max(0, step) * i
    return track.subarray(from, from + WINDOW_SAMPLES)
  })
}

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
      const correlations = windowsOf(unprocessed).map((window) => clipCorrelation(window, clip))
      const worst = Math.min(...correlations)
      console.log(`${name}, unprocessed: correlation with the file ${worst.toFixed(7)} in the worst of its windows`)
      expect(worst).toBeGreaterThan(0.999)
      // What the browser's processing made of it, at 48 kHz, was handed to the page: it is in the track, sample by sample.
      expect(placeOf(await done.soundOf(name, 'processed'), pcm)).not.toBeNull()
    }
    await program.stop()
  })

  it.each([
    { count: 2, words: 'two' },
    { count: 8, words: 'eight' },
  ])('of $words people are whole, and lie within 5 ms of each other', async ({ count }) => {
    await using evening = await openTapedEvening({ title: `${count} people` })
    const guests: Guest[] = []
    let browser: Browser | null = null
    for (let i = 1; i < count; i += 1) {
      const voice = (['guest', 'third', 'host'] satisfies Voice[])[i % 3] ?? 'guest'
      const guest: Guest = await evening.guest(`Guest ${i}`, { voice, ...(browser !== null && { browser }) })
      browser ??= guest.context.browser()
      guests.push(guest)
    }
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
    expect(spreadMs(verdicts)).toBeLessThan(ALIGNED_WITHIN_MS)
    await browser?.close()
  })
})
