import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { DatagramReader, READ_DATAGRAMS } from './datagram-reader.ts'
import { linuxSockets } from './linux-sockets.ts'

const sockets = linuxSockets()
if (!sockets) process.stdout.write('SKIPPED datagrams read many at once: no recvmmsg here; dgram carries everything.\n')

/** A socket that is read from, and one that sends to it. */
async function pairAt(address: string) {
  const fd = sockets?.open(address, 0) ?? null
  if (!sockets || fd === null) throw new Error('no socket')
  const own = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  // At once: a file descriptor needs no lookup.
  own.bind({ fd })
  const peer = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  peer.bind(0, address)
  await once(peer, 'listening')
  return { own, peer, reader: new DatagramReader(sockets, fd) }
}

/** Resolves when the kernel has them. */
async function send(from: Socket, to: Socket, datagrams: readonly string[]): Promise<void> {
  const { port, address } = to.address()
  const sent = datagrams.map((text) => new Promise((resolve) => from.send(text, port, address, resolve)))
  await Promise.all(sent)
}

describe.skipIf(!sockets)('DatagramReader', () => {
  it.each(['127.0.0.1', '::1'])('gives each datagram and who sent it, at %s, beside dgram', async (address) => {
    const { own, peer, reader } = await pairAt(address)
    const stranger = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    stranger.bind(0, address)
    await once(stranger, 'listening')
    const route = { ...peer.address(), kernelAddress: null }
    const got: unknown[] = []
    own.on('message', (datagram, remote) => {
      got.push([String(datagram), remote.address, remote.port])
      reader.read((more, source) => {
        got.push([String(more), source.address, source.port])
        expect(source.isOf(route)).toBe(source.port === peer.address().port)
      })
    })
    await send(peer, own, ['one', 'two', ''])
    await send(stranger, own, ['three'])
    const from = (socket: Socket) => [address, socket.address().port]
    const all = [
      ['one', ...from(peer)],
      ['two', ...from(peer)],
      ['', ...from(peer)],
      ['three', ...from(stranger)],
    ]
    await expect.poll(() => got).toEqual(all)
    for (const socket of [own, peer, stranger]) socket.close()
    reader.close()
    reader.read(() => expect.unreachable())
  })

  it('drops what is longer than any datagram of a browser', async () => {
    const { own, peer, reader } = await pairAt('127.0.0.1')
    sendAtOnce(await connected(peer, own), ['x'.repeat(3_000), 'x'.repeat(2_048), 'x'.repeat(2_049)])
    const got: number[] = []
    reader.read((datagram) => got.push(datagram.length))
    expect(got).toEqual([2_048])
    own.close()
    peer.close()
  })

  it('rests after a full read until the next turn of the loop', async () => {
    const { own, peer, reader } = await pairAt('127.0.0.1')
    const texts = Array.from({ length: READ_DATAGRAMS + 3 }, (_, i) => String(i))
    sendAtOnce(await connected(peer, own), texts)
    const got: string[] = []
    const take = (datagram: Buffer) => void got.push(String(datagram))
    reader.read(take)
    reader.read(take)
    expect(got).toEqual(texts.slice(0, READ_DATAGRAMS))
    await new Promise(setImmediate)
    sendAtOnce(peer, ['more'])
    reader.read(take)
    expect(got.length).toBeGreaterThan(READ_DATAGRAMS)
    own.close()
    peer.close()
  })
})

async function connected(peer: Socket, to: Socket): Promise<Socket> {
  const { port, address } = to.address()
  peer.connect(port, address)
  await once(peer, 'connect')
  return peer
}

/** A connected socket sends before it returns: dgram on the other side has no turn in between. */
function sendAtOnce(peer: Socket, datagrams: readonly string[]): void {
  for (const text of datagrams) peer.send(text)
}
