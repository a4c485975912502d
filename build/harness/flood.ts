import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

export interface FloodTarget {
  address: string
  port: number
  /** User name fragment of the node for somebody in the room, as the answer's SDP has it. */
  ufrag: string
}

/** What strangers may send. */
export type FloodKind = 'stun-of-nobody' | 'stun-with-forged-integrity' | 'dtls-client-hello' | 'noise'

export interface Flood {
  /** Ends it; gives how many datagrams were sent. */
  stop(): number
}

interface FloodOptions {
  target: FloodTarget
  kind: FloodKind
  /** Source addresses, 127.0.0.2 and up; each with a port of its own. */
  sources: number
  datagramsPerSecond: number
}

/** How often a burst leaves, and how much of it a machine that cannot keep up makes up for: the test must get its turn. */
const BURST_MS = 5
const BURST_MAX_DATAGRAMS = 100

/** A steady stream of bad datagrams. */
export async function startFlood({ target, kind, sources, datagramsPerSecond }: FloodOptions): Promise<Flood> {
  const sockets = await Promise.all(Array.from({ length: sources }, (_, i) => openAt(`127.0.0.${2 + (i % 250)}`)))
  const startedAtMs = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const wanted = ((performance.now() - startedAtMs) * datagramsPerSecond) / 1_000
    const due = Math.min(wanted, sent + BURST_MAX_DATAGRAMS)
    while (sent < due) {
      sockets[sent % sockets.length]?.send(datagramOf(kind, target), target.port, target.address)
      sent += 1
    }
  }, BURST_MS)
  return {
    stop: () => {
      clearInterval(timer)
      for (const socket of sockets) socket.close()
      return sent
    },
  }
}

async function openAt(address: string): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', lookup: (host, _options, callback) => callback(null, host, 4) })
  socket.on('error', () => {})
  // With a lookup that answers at once, so does `bind`.
  const listening = once(socket, 'listening')
  socket.bind(0, address)
  await listening
  return socket
}

function datagramOf(kind: FloodKind, { ufrag }: FloodTarget): Buffer {
  switch (kind) {
    case 'stun-of-nobody':
      return bindingRequest('nobody:here')
    case 'stun-with-forged-integrity':
      return bindingRequest(`${ufrag}:xxxx`)
    case 'dtls-client-hello':
      return clientHello()
    case 'noise':
      return randomBytes(60)
  }
}

/** RFC 8489 §5: USERNAME, and a MESSAGE-INTEGRITY by somebody who does not know the password. */
function bindingRequest(username: string): Buffer {
  const name = Buffer.from(username)
  const padded = Buffer.alloc(Math.ceil(name.length / 4) * 4)
  name.copy(padded)
  const attribute = Buffer.alloc(4)
  attribute.writeUInt16BE(0x0006, 0)
  attribute.writeUInt16BE(name.length, 2)
  const integrity = Buffer.concat([Buffer.from('00080014', 'hex'), randomBytes(20)])
  const header = Buffer.from('000100002112a442', 'hex')
  header.writeUInt16BE(attribute.length + padded.length + integrity.length, 2)
  return Buffer.concat([header, randomBytes(12), attribute, padded, integrity])
}

/** The head of a DTLS ClientHello record (RFC 6347 §4.2), of plausible length. */
function clientHello(): Buffer {
  return Buffer.concat([Buffer.from('16fefd0000000000000000009a0100008e000000000000008efefd', 'hex'), randomBytes(142)])
}
