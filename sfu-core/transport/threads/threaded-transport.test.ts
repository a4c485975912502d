import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Caller, callTransport, SILENT } from '../caller.fixture.ts'
import { CHROMIUM_OFFER } from '../sdp/offers.fixture.ts'
import { STAGE_CHANNEL } from '../transport.ts'
import { ThreadedTransport } from './threaded-transport.ts'

describe('a transport on two threads', () => {
  let transport: ThreadedTransport
  let callers: Caller[]

  beforeEach(() => {
    transport = new ThreadedTransport({ threads: 2, interfaceAddresses: ['127.0.0.1'] })
    callers = []
  })

  afterEach(async () => {
    await Promise.all(callers.map(({ pc }) => pc.close()))
    await transport.close()
  })

  async function call(): Promise<Caller> {
    const caller = await callTransport(transport)
    callers.push(caller)
    return caller
  }

  const secondBytes = ({ heard }: Caller) => heard.map(({ packet }) => packet.payload[1])

  it('spreads people over the threads, and a packet reaches those of both', async () => {
    const everybody = [await call(), await call(), await call()]
    await expect.poll(() => everybody.map(({ seen }) => seen)).toEqual(Array(3).fill(['connected']))
    expect(new Set(everybody.map(({ port }) => port)).size).toBe(2)
    const fanout = transport.createFanout()
    for (const [i, { link }] of everybody.entries()) fanout.join(link, { channel: STAGE_CHANNEL, listenerNumber: i })
    const packet = { timestamp: 960, marker: false, speakerNumber: 1 }
    fanout.send(STAGE_CHANNEL, 0, { ...packet, payload: Uint8Array.of(0xf8, 7) })
    await expect.poll(() => everybody.map(secondBytes)).toEqual([[7], [], [7]])
    everybody[0]?.link.close()
    fanout.send(STAGE_CHANNEL, 0, { ...packet, timestamp: 1_920, payload: Uint8Array.of(0xf8, 8) })
    await expect.poll(() => everybody.map(secondBytes)).toEqual([[7], [], [7, 8]])
    const { threads } = await transport.dump()
    expect(threads).toMatchObject([{ links: 1 }, { links: 1 }])
  })

  it('tells people of a thread that died that they are gone, and takes them back on a new one', async () => {
    const [first, second] = [await call(), await call()]
    await expect.poll(() => [first.seen, second.seen]).toEqual([['connected'], ['connected']])
    const fanout = transport.createFanout()
    fanout.join(first.link, { channel: STAGE_CHANNEL, listenerNumber: 1 })
    // Not a packet at all: the thread dies of it.
    const broken = { payload: { slice: () => 5 } } as unknown as Parameters<typeof fanout.send>[2]
    fanout.send(STAGE_CHANNEL, 0, broken)
    await expect.poll(() => first.seen).toEqual(['connected', 'closed'])
    expect(second.seen).toEqual(['connected'])
    const again = await call()
    await expect.poll(() => again.seen).toEqual(['connected'])
    expect(again.port).not.toBe(second.port)
  })

  it('refuses a bad offer by its reason', async () => {
    await expect(transport.accept('nonsense', SILENT)).rejects.toMatchObject({ code: 'offer-malformed' })
  })

  it('refuses to accept once closed, and closes twice', async () => {
    await transport.accept(CHROMIUM_OFFER, SILENT)
    await transport.close()
    await transport.close()
    await expect(transport.accept(CHROMIUM_OFFER, SILENT)).rejects.toMatchObject({ code: 'media-failed' })
  })
})
