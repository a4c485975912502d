import { createSocket, type Socket } from 'node:dgram'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts'
import type { BoundAddress } from './candidates.ts'
import { UdpSockets } from './udp-sockets.ts'

const received: { text: string; at: string; from: BoundAddress }[] = []

describe('UdpSockets', () => {
  let clock: FakeClock
  let sockets: UdpSockets
  let addresses: string[]
  let troubles: string[]
  const others: Socket[] = []

  beforeEach(() => {
    clock = createFakeClock()
    addresses = ['127.0.0.1', '::1']
    troubles = []
    received.length = 0
    sockets = open()
  })

  afterEach(async () => {
    await sockets.close()
    for (const other of others.splice(0)) other.close()
  })

  function open(portRange?: readonly [number, number]): UdpSockets {
    return new UdpSockets({
      clock,
      portRange,
      interfaceAddresses: undefined,
      addresses: () => addresses,
      onDatagram: (datagram, { address }, { address: from, port }) =>
        received.push({ text: String(datagram), at: address, from: { address: from, port } }),
      onTrouble: (message) => troubles.push(message),
    })
  }

  async function occupy(address: string, port = 0): Promise<number> {
    const other = createSocket(address.includes(':') ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' })
    others.push(other)
    await new Promise<void>((resolve) => other.bind({ address, port, exclusive: true }, resolve))
    return other.address().port
  }

  it('has one port number for IPv4 and IPv6, and talks both', async () => {
    await sockets.refresh()
    const [ipv4, ipv6] = sockets.bound
    expect(ipv4?.port).toBe(ipv6?.port)
    expect(sockets.bound.map(({ address }) => address)).toEqual(['127.0.0.1', '::1'])
    if (!ipv4 || !ipv6) throw new Error('not bound')
    ipv4.send(Buffer.from('four'), ipv4.port, '127.0.0.1')
    ipv6.send(Buffer.from('six'), ipv6.port, '::1')
    await expect.poll(() => received.map(({ text }) => text).sort()).toEqual(['four', 'six'])
    expect(received.find(({ text }) => text === 'six')).toMatchObject({ at: '::1', from: { address: '::1' } })
  })

  it('takes the first port of a range that is free at every address', async () => {
    const taken = await occupy('::1')
    const ranged = open([taken, taken + 20])
    await ranged.refresh()
    const ports = new Set(ranged.bound.map(({ port }) => port))
    expect(ports.size).toBe(1)
    expect([...ports][0]).toBeGreaterThan(taken)
    expect(ranged.bound).toHaveLength(2)
    await ranged.close()
  })

  it('serves what it can where no port is free at every address, and says so', async () => {
    const taken = await occupy('::1')
    const ranged = open([taken, taken])
    await ranged.refresh()
    expect(ranged.bound.map(({ address }) => address)).toEqual(['127.0.0.1'])
    expect(troubles).toContain('a UDP address cannot be used')
    await ranged.close()
  })

  it('follows addresses that come, at the same port', async () => {
    addresses = ['127.0.0.1']
    await sockets.refresh()
    const port = sockets.bound[0]?.port
    addresses = ['127.0.0.2', '127.0.0.1', '::1']
    clock.advance(2_000)
    await sockets.refresh()
    expect(sockets.bound.map((bound) => `${bound.address} ${bound.port}`)).toEqual(
      addresses.map((address) => `${address} ${port}`),
    )
  })

  it('keeps the socket of an address that is lost for a moment, and lets go of one that stays away', async () => {
    await sockets.refresh()
    const [, ipv6] = sockets.bound
    addresses = ['127.0.0.1']
    clock.advance(2_000)
    await sockets.refresh()
    expect(sockets.bound).toHaveLength(1)
    addresses = ['127.0.0.1', '::1']
    clock.advance(20_000)
    await sockets.refresh()
    expect(sockets.bound[1]).toBe(ipv6)
    addresses = ['127.0.0.1']
    clock.advance(30_000)
    await sockets.refresh()
    addresses = ['127.0.0.1', '::1']
    clock.advance(2_000)
    await sockets.refresh()
    expect(sockets.bound[1]).not.toBe(ipv6)
    expect(sockets.bound[1]?.port).toBe(sockets.bound[0]?.port)
  })

  it('looks at the addresses no more often than it has to', async () => {
    expect(await sockets.refresh()).toBe(true)
    expect(await sockets.refresh()).toBe(false)
    clock.advance(2_000)
    expect(await sockets.refresh()).toBe(true)
  })

  it('says that nothing could be bound, and tries again at once when asked', async () => {
    addresses = []
    await expect(sockets.refresh()).rejects.toThrow('no UDP port')
    addresses = ['127.0.0.1']
    await sockets.refresh()
    expect(sockets.bound).toHaveLength(1)
  })

  it('drops what is sent after its end, and ends twice', async () => {
    await sockets.refresh()
    const [socket] = sockets.bound
    await sockets.close()
    await sockets.close()
    expect(() => socket?.send(Buffer.from('late'), 9, '127.0.0.1')).not.toThrow()
    expect(sockets.bound).toEqual([])
  })
})
