import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { BATCH_DATAGRAMS, DatagramBatch, kernelAddress } from './datagram-batch.ts'
import { linuxSockets } from './linux-sockets.ts'

const sockets = linuxSockets()
if (!sockets) process.stdout.write('SKIPPED datagrams in batches: no sendmmsg here; dgram carries everything.\n')

async function receiver(address: string) {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  const got: string[] = []
  socket.on('message', (datagram) => got.push(datagram.toString()))
  socket.bind(0, address)
  await once(socket, 'listening')
  return { socket, got, port: socket.address().port }
}

describe.skipIf(!sockets)('DatagramBatch', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`sends each datagram to its own receiver, in order, on ${address}`, async () => {
      if (!sockets) return
      const fd = sockets.open(address, 0)
      if (fd === null) throw new Error('no socket')
      const own = createSocket(address.includes(':') ? 'udp6' : 'udp4')
      own.bind({ fd })
      expect(own.address().address).toBe(address)
      const [a, b] = [await receiver(address), await receiver(address)]
      const [toA, toB] = [kernelAddress({ address, port: a.port }), kernelAddress({ address, port: b.port })]
      const batch = new DatagramBatch(sockets, fd)
      const pool = Buffer.from('zero one two three')
      batch.add(toA, pool.subarray(5, 8))
      batch.add(toB, pool.subarray(9, 12))
      batch.add(toA, Buffer.from(new TextEncoder().encode('other memory')))
      batch.flush()
      batch.flush()
      await expect.poll(() => [a.got, b.got]).toEqual([['one', 'other memory'], ['two']])
      expect(batch.refused).toBe(0)
      for (const { socket } of [a, b]) socket.close()
      batch.close()
      own.close()
    })
  }

  it('goes on after a datagram that the kernel refuses, and sends by itself when it is full', async () => {
    if (!sockets) return
    const address = '127.0.0.1'
    const fd = sockets.open(address, 0)
    if (fd === null) throw new Error('no socket')
    const a = await receiver(address)
    const [good, bad] = [kernelAddress({ address, port: a.port }), kernelAddress({ address, port: 0 })]
    const batch = new DatagramBatch(sockets, fd)
    for (let i = 0; i < BATCH_DATAGRAMS; i++) batch.add(i === 3 ? bad : good, Buffer.from(String(i)))
    await expect.poll(() => a.got.length).toBe(BATCH_DATAGRAMS - 1)
    expect(batch.refused).toBe(1)
    expect(a.got.slice(2, 5)).toEqual(['2', '4', '5'])
    // Nothing can be sent at all: it ends.
    for (let i = 0; i < 10; i++) batch.add(bad, Buffer.from('x'))
    batch.flush()
    expect(batch.refused).toBe(11)
    batch.close()
    batch.add(good, Buffer.from('late'))
    batch.flush()
    a.socket.close()
  })

  it('takes no port that somebody has', async () => {
    if (!sockets) return
    const a = await receiver('127.0.0.1')
    expect(sockets.open('127.0.0.1', a.port)).toBeNull()
    a.socket.close()
  })
})
