import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type HostProgram, type NattedHomes, openNattedHomes } from '../harness/nat.ts'
import { whyNoNamespaces } from '../harness/network.ts'
import { whyNoWrtc } from '../interop/wrtc-guest.ts'
import { repositoryRoot } from '../paths.ts'

const ENGINE = path.join(repositoryRoot, 'sfu-core/bench/nat-engine.ts')
const LISTENER = path.join(repositoryRoot, 'build/harness/nat-listener.ts')
const STUN_PORT = '3478'
/** Long enough for ICE to have given up hope, short of the engine's own end of it (20 s). */
const NO_CONNECTION_MS = 8_000
/** Time without a packet after a NAT chose another port: libwebrtc checks a working path each 2.5 s. */
const REBINDING_MAX_GAP_MS = 4_000

interface EngineState {
  told: string[]
  dump: { candidates: { type: string; address: string }[] }
}

const why = whyNoNamespaces() ?? (await whyNoWrtc())
if (why) console.warn(`NATs are not tested: ${why}`)

describe.skipIf(why !== null)('a host behind a home NAT', () => {
  let homes: NattedHomes
  let engine: HostProgram
  let listener: HostProgram
  let stunServer: HostProgram
  let stunAddress: string

  beforeEach(async () => {
    homes = openNattedHomes(1)
    stunAddress = `${homes.netAddress}:${STUN_PORT}`
    // A public node is a STUN server for everybody else.
    stunServer = homes.start('net', ENGINE, { ENGAWA_NAT_PORT: STUN_PORT })
    await stunServer.ask({ type: 'ready' })
    engine = homes.start('home', ENGINE, { ENGAWA_NAT_STUN: stunAddress })
    listener = homes.start('away', LISTENER, { ENGAWA_NAT_STUN: stunAddress })
    await engine.ask({ type: 'ready' })
    // What the listener's checks are sent to: without it, no test here would show anything.
    await expect.poll(() => ownAddresses(engine), { timeout: 5_000 }).toContain('srflx 198.18.1.2')
  })

  afterEach(async () => {
    for (const program of [listener, engine, stunServer]) await program[Symbol.asyncDispose]()
    await homes[Symbol.asyncDispose]()
  })

  async function join(at: HostProgram): Promise<string[]> {
    const { sdp } = await listener.ask<{ sdp: string }>({ type: 'offer' })
    const { answerSdp } = await at.ask<{ answerSdp: string }>({ type: 'join', offerSdp: sdp })
    await listener.ask({ type: 'answer', sdp: answerSdp })
    const { lines } = await listener.ask<{ lines: string[] }>({ type: 'gathered' })
    return lines
  }

  const packets = async () => (await listener.ask<{ packets: number }>({ type: 'state' })).packets
  const told = async (at: HostProgram) => (await at.ask<EngineState>({ type: 'state' })).told
  const ownAddresses = async (at: HostProgram) =>
    (await at.ask<EngineState>({ type: 'state' })).dump.candidates.map(({ type, address }) => `${type} ${address}`)
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

  it('is not reached by a listener whose candidates it does not know', async () => {
    const lines = await join(engine)
    expect(lines.some((line) => line.includes('typ srflx'))).toBe(true)
    await pause(NO_CONNECTION_MS)
    expect(await told(engine)).toEqual([])
    expect(await packets()).toBe(0)
  })

  it('opens its own way to the candidates it is told', async () => {
    await engine.ask({ type: 'candidates', lines: await join(engine) })
    await expect.poll(() => told(engine), { timeout: 15_000 }).toEqual(['connected'])
    await expect.poll(packets, { timeout: 5_000 }).toBeGreaterThan(20)
  })

  it('a listener whose NAT takes another port is followed without a negotiation', async () => {
    await join(stunServer)
    await expect.poll(() => told(stunServer), { timeout: 15_000 }).toEqual(['connected'])
    await expect.poll(packets, { timeout: 5_000 }).toBeGreaterThan(20)
    const [srflx = ''] = (await listener.ask<{ lines: string[] }>({ type: 'gathered' })).lines.filter((line) =>
      line.includes('typ srflx'),
    )
    const port = Number(srflx.split(' ')[5])
    const measured = listener.ask<{ longestMs: number }>({ type: 'gap', forMs: 8_000 })
    await pause(500)
    homes.remap(port, port === 40_000 ? 40_001 : 40_000)
    // Nothing comes by the old port any more: packets after the gap are packets to the new one.
    const { longestMs } = await measured
    expect(longestMs).toBeLessThan(REBINDING_MAX_GAP_MS)
    expect(await told(stunServer)).toEqual(['connected'])
  })
})
