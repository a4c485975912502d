import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/**
 * A longer way to a UDP port of this machine: what comes to `port` goes on after a delay, and so does what comes back.
 * Stands in for netem where the kernel has none. Whoever is behind it is seen at an address of this machine.
 */
export interface SlowPath extends AsyncDisposable {
  port: number
}

export interface SlowPathOptions {
  /** On 127.0.0.1. */
  targetPort: number
  roundTripMs: number
}

/** Sockets by client: each client is an address of its own to the target. */
const CLIENTS_MAX_COUNT = 64

export async function openSlowPath({ targetPort, roundTripMs }: SlowPathOptions): Promise<SlowPath> {
  const oneWayMs = roundTripMs / 2
  const front = createSocket('udp4')
  const backs = new Map<string, Socket>()
  let isClosed = false
  const later = (send: () => void) => void setTimeout(() => !isClosed && send(), oneWayMs)

  const openBack = (client: string, answer: (message: Buffer) => void): Socket | null => {
    if (backs.size >= CLIENTS_MAX_COUNT) return null
    const back = createSocket('udp4')
    back.on('message', (message) => later(() => answer(message)))
    backs.set(client, back)
    return back
  }

  front.on('message', (message, { address, port }) => {
    const client = `${address}:${port}`
    const back = backs.get(client) ?? openBack(client, (answer) => front.send(answer, port, address))
    if (back) later(() => back.send(message, targetPort, '127.0.0.1'))
  })
  front.bind(0)
  await once(front, 'listening')
  return {
    port: front.address().port,
    [Symbol.asyncDispose]: async () => {
      isClosed = true
      for (const socket of [front, ...backs.values()]) socket.close()
    },
  }
}
