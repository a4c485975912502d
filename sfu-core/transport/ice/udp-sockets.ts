import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type BoundAddress, hostAddresses } from './candidates.ts'

/** One socket per address of the machine: what is sent leaves with the address that the browser wrote to. */
export interface UdpSocket extends BoundAddress {
  /** Sends at once or drops; never throws. */
  send(datagram: Buffer, port: number, address: string): void
}

interface UdpSocketsOptions {
  /** Ports to try, both ends included; any free port without it. */
  portRange: readonly [number, number] | undefined
  interfaceAddresses: readonly string[] | undefined
  onDatagram(datagram: Buffer, from: UdpSocket, remote: BoundAddress): void
  onTrouble(message: string, fields: Record<string, unknown>): void
}

/** A burst to a few thousand listeners, and what they send at once, fit. The kernel may give less. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024

interface Bound extends UdpSocket {
  socket: Socket
}

export class UdpSockets {
  readonly #options: UdpSocketsOptions
  readonly #bound = new Map<string, Bound>()
  #binding: Promise<void> | null = null
  #closed = false

  constructor(options: UdpSocketsOptions) {
    this.#options = options
  }

  get bound(): UdpSocket[] {
    return [...this.#bound.values()]
  }

  /**
   * Binds the addresses that the machine has now and that have no socket yet (a laptop changes networks), and
   * lets go of those it lost.
   * @throws Error where not one address could be bound.
   */
  refresh(): Promise<void> {
    this.#binding ??= this.#refresh().finally(() => {
      this.#binding = null
    })
    return this.#binding
  }

  async #refresh(): Promise<void> {
    const addresses = hostAddresses(networkInterfaces(), this.#options.interfaceAddresses)
    for (const address of this.#bound.keys()) if (!addresses.includes(address)) this.#drop(address)
    for (const address of addresses) if (!this.#bound.has(address) && !this.#closed) await this.#open(address)
    if (this.#bound.size === 0 && !this.#closed) throw new Error('no UDP port could be bound')
  }

  async #open(address: string): Promise<void> {
    const failures: string[] = []
    for (const port of this.#portsToTry()) {
      try {
        await this.#bind(address, port)
        return
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error))
        if (!isPortTaken(error)) break
      }
    }
    this.#options.onTrouble('a UDP address cannot be used', { address, failure: failures.at(-1) ?? 'no port' })
  }

  /** The port that the other addresses have first: one port to open in a firewall. */
  *#portsToTry(): Generator<number> {
    const taken = this.#bound.values().next().value?.port
    if (taken !== undefined) yield taken
    const range = this.#options.portRange
    if (!range) {
      yield 0
      return
    }
    for (let port = range[0]; port <= range[1]; port++) if (port !== taken) yield port
  }

  #bind(address: string, port: number): Promise<void> {
    const type = isIPv6(address) ? 'udp6' : 'udp4'
    const family = type === 'udp6' ? 6 : 4
    // Addresses only, never names: a lookup of our own saves a turn of the event loop per packet.
    const socket = createSocket({ type, lookup: (host, _options, callback) => callback(null, host, family) })
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => {
        socket.removeAllListeners('listening').close()
        reject(error)
      })
      socket.once('listening', () => {
        socket.removeAllListeners('error')
        this.#adopt(socket, address)
        resolve()
      })
      socket.bind({ address, port, exclusive: true })
    })
  }

  #adopt(socket: Socket, address: string): void {
    if (this.#closed) {
      socket.close()
      return
    }
    const port = socket.address().port
    const bound: Bound = { socket, address, port, send: (datagram, to, at) => sendOrDrop(socket, datagram, to, at) }
    this.#bound.set(address, bound)
    try {
      socket.setRecvBufferSize(SOCKET_BUFFER_BYTES)
      socket.setSendBufferSize(SOCKET_BUFFER_BYTES)
    } catch (error) {
      this.#options.onTrouble('UDP buffers stay small', { address, failure: String(error) })
    }
    socket.on('error', (error) => {
      this.#options.onTrouble('a UDP socket failed', { address, failure: error.message })
      if (this.#bound.get(address) === bound) this.#drop(address)
    })
    socket.on('message', (datagram, remote) => this.#options.onDatagram(datagram, bound, remote))
  }

  #drop(address: string): void {
    this.#bound.get(address)?.socket.close()
    this.#bound.delete(address)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#binding?.catch(() => {})
    const closing = [...this.#bound.values()].map(
      ({ socket }) => new Promise<void>((resolve) => socket.close(() => resolve())),
    )
    this.#bound.clear()
    await Promise.all(closing)
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')
}

function sendOrDrop(socket: Socket, datagram: Buffer, port: number, address: string): void {
  try {
    // Without a callback Node drops what the kernel refuses; a callback would cost an object per packet.
    socket.send(datagram, port, address)
  } catch {
    // The socket was closed under us: the packet is lost like any other on its way.
  }
}
