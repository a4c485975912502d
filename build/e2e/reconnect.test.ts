import { describe, expect, it } from 'vitest'
import { loudnessDbfs, matchInLoop } from '../audio/envelope.ts'
import { capture } from '../harness/capture.ts'
import { openCuttableHost, whyNoNamespaces } from '../harness/network.ts'
import { chromiumPath, openPerson, type Person } from '../harness/person.ts'
import { startProgram, temporaryFolder } from '../harness/program.ts'
import { account, createRoom, enterAsGuest, goLive, inRoom, register } from '../harness/steps.ts'

const CUT_MS = 5_000
const LISTEN_MS = 11_500
const HEAL_LIMIT_MS = 15_000

const button = (person: Person, name: string) => person.page.getByRole('button', { name, exact: true })

async function bringOnStage(host: Person, guest: Person, name: string): Promise<void> {
  await button(guest, 'Raise hand').click()
  await button(host, `Bring on stage: ${name}`).click()
  await button(guest, 'Mute').waitFor()
}

describe('coming back', () => {
  const why = whyNoNamespaces()
  if (why) console.warn(`SKIPPED network cut of 5 s: ${why}`)

  it.skipIf(why !== null)(
    'a network cut of 5 s heals by itself, into the same seat, and a muted microphone stays muted',
    async () => {
      await using folder = await temporaryFolder('cut')
      await using far = openCuttableHost(1)
      const program = await startProgram({ dataFolder: folder.path, env: { ENGAWA_HOST: '0.0.0.0' } })
      await using hana = await openPerson({ voice: 'host' })
      const farUrl = `http://${far.gateway}:${program.port}`
      await using gus = await openPerson({
        voice: 'guest',
        executablePath: far.wrapExecutable(chromiumPath(), folder.path),
        // A page without HTTPS gets no microphone; the test's own address is let through.
        args: [`--unsafely-treat-insecure-origin-as-secure=${farUrl}`],
      })
      await register(hana.page, program.url, account('Hana'))
      const link = await createRoom(hana.page, program.url, { title: 'Cut' })
      await goLive(hana.page)
      await enterAsGuest(gus.page, link.replace(new URL(link).origin, farUrl), 'Gus')
      await bringOnStage(hana, gus, 'Gus')
      await button(gus, 'Mute').click()
      await button(gus, 'Unmute').waitFor()

      far.cut()
      await gus.page.waitForTimeout(CUT_MS)
      const cutState = await gus.page.evaluate(() => document.documentElement.dataset['roomState'])
      far.heal()
      const healedAtMs = performance.now()
      await inRoom(gus.page)
      const heard = await firstSoundAfter(gus)
      console.log(
        `after a cut of ${CUT_MS} ms (page said "${cutState}"): heard again ${Math.round(heard - healedAtMs)} ms after the cut`,
      )
      expect(heard - healedAtMs).toBeLessThan(HEAL_LIMIT_MS)

      await button(gus, 'Unmute').waitFor()
      await hana.page.getByText('Gus').first().waitFor()
      const [fromHost, fromGus] = await Promise.all([
        capture(gus.page, 'heard', LISTEN_MS),
        capture(hana.page, 'heard', LISTEN_MS),
      ])
      expect(matchInLoop(fromHost.pcm, hana.clip).correlation).toBeGreaterThanOrEqual(0.8)
      expect(loudnessDbfs(fromGus.pcm)).toBeLessThan(-70)

      await button(gus, 'Unmute').click()
      await button(gus, 'Mute').waitFor()
      const afterwards = await capture(hana.page, 'heard', LISTEN_MS)
      expect(matchInLoop(afterwards.pcm, gus.clip).correlation).toBeGreaterThanOrEqual(0.8)
      await program.stop()
    },
  )

  it('a reloaded page comes back into the same seat, on stage and still muted', async () => {
    await using folder = await temporaryFolder('reload')
    const program = await startProgram({ dataFolder: folder.path })
    await using hana = await openPerson({ voice: 'host' })
    await using gus = await openPerson({ voice: 'guest' })
    await register(hana.page, program.url, account('Hana'))
    const link = await createRoom(hana.page, program.url, { title: 'Reload' })
    await goLive(hana.page)
    await enterAsGuest(gus.page, link, 'Gus')
    await bringOnStage(hana, gus, 'Gus')
    await button(gus, 'Mute').click()
    await button(gus, 'Unmute').waitFor()

    await gus.page.reload()
    await inRoom(gus.page)
    await button(gus, 'Unmute').waitFor()
    const silent = await capture(hana.page, 'heard', 3_000)
    expect(loudnessDbfs(silent.pcm)).toBeLessThan(-70)
    await button(gus, 'Unmute').click()
    await button(gus, 'Mute').waitFor()
    const heard = await capture(hana.page, 'heard', LISTEN_MS)
    expect(matchInLoop(heard.pcm, gus.clip).correlation).toBeGreaterThanOrEqual(0.8)
    // One Gus, not two.
    expect(await hana.page.getByRole('button', { name: 'Actions for Gus' }).count()).toBe(1)

    await hana.page.reload()
    await inRoom(hana.page)
    await button(hana, 'Mute').waitFor()
    await program.stop()
  })
})

/** When the newest connection has sound for the first time since now. */
async function firstSoundAfter(person: Person): Promise<number> {
  await person.page.waitForFunction(async () => {
    const peer = window.engawaHooks.peers.at(-1)
    if (!peer) return false
    const energy = async () =>
      [...(await peer.getStats()).values()].reduce(
        (sum, row) => sum + (row.type === 'inbound-rtp' ? (row.totalAudioEnergy ?? 0) : 0),
        0,
      )
    const before = await energy()
    await new Promise((resolve) => setTimeout(resolve, 200))
    return (await energy()) > before
  })
  return performance.now()
}
