import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { matchInLoop } from '../audio/envelope.ts'
import { capture } from '../harness/capture.ts'
import { type FloodKind, type FloodTarget, startFlood } from '../harness/flood.ts'
import { openPerson } from '../harness/person.ts'
import { startProgram, temporaryFolder } from '../harness/program.ts'
import { account, createRoom, enterAsGuest, goLive, register } from '../harness/steps.ts'

const LISTEN_MS = 10_500
const DATAGRAMS_PER_SECOND = 8_000
/** The bar for other people's audio. */
const LOSS_LIMIT = 0.005

const FLOODS: { kind: FloodKind; sources: number }[] = [
  { kind: 'stun-of-nobody', sources: 1 },
  { kind: 'stun-with-forged-integrity', sources: 60 },
  { kind: 'dtls-client-hello', sources: 60 },
  { kind: 'noise', sources: 60 },
]

/** Where the page sends to: the first candidate of the node's answer. */
function targetOf(page: Page): Promise<FloodTarget> {
  return page.evaluate(() => {
    const sdp = window.engawaHooks.peers.at(-1)?.remoteDescription?.sdp ?? ''
    const [, address = '', port = ''] = /^a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+)/m.exec(sdp) ?? []
    const [, ufrag = ''] = /^a=ice-ufrag:(\S+)/m.exec(sdp) ?? []
    return { address, port: Number(port), ufrag }
  })
}

interface Received {
  packets: number
  lost: number
}

function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const totals = { packets: 0, lost: 0 }
    const report = await window.engawaHooks.peers.at(-1)?.getStats()
    report?.forEach((entry) => {
      if (entry.type !== 'inbound-rtp') return
      totals.packets += entry.packetsReceived
      totals.lost += entry.packetsLost
    })
    return totals
  })
}

it('floods from strangers leave a room as it is: bad STUN and ClientHellos, from one and from many addresses', async () => {
  await using folder = await temporaryFolder('flood')
  const program = await startProgram({ dataFolder: folder.path })
  await using hana = await openPerson({ voice: 'host' })
  await using gus = await openPerson({ voice: 'guest' })
  await register(hana.page, program.url, account('Hana'))
  const link = await createRoom(hana.page, program.url, { title: 'Flooded' })
  await goLive(hana.page)
  await enterAsGuest(gus.page, link, 'Gus')
  const target = await targetOf(gus.page)
  expect(target.port).toBeGreaterThan(0)

  for (const { kind, sources } of FLOODS) {
    const before = await received(gus.page)
    const flood = await startFlood({ target, kind, sources, datagramsPerSecond: DATAGRAMS_PER_SECOND })
    const heard = await capture(gus.page, 'heard', LISTEN_MS)
    const datagrams = flood.stop()
    const after = await received(gus.page)
    const packets = after.packets - before.packets
    const lostShare = (after.lost - before.lost) / packets
    const { correlation } = matchInLoop(heard.pcm, hana.clip)
    console.log(
      `${datagrams} × ${kind} from ${sources}: ${(lostShare * 100).toFixed(2)} % of ${packets} packets lost, correlation ${correlation.toFixed(3)}`,
    )
    expect(datagrams).toBeGreaterThan((DATAGRAMS_PER_SECOND * LISTEN_MS) / 2_000)
    expect(packets).toBeGreaterThan(50)
    expect(lostShare).toBeLessThan(LOSS_LIMIT)
    expect(correlation).toBeGreaterThanOrEqual(0.8)
  }

  // Somebody new comes in while it goes on.
  const flood = await startFlood({
    target,
    kind: 'stun-of-nobody',
    sources: 60,
    datagramsPerSecond: DATAGRAMS_PER_SECOND,
  })
  await using ida = await openPerson({ voice: 'guest' })
  await enterAsGuest(ida.page, link, 'Ida')
  flood.stop()
  await program.stop()
})
