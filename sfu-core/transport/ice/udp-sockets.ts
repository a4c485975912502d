import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Clock } from '../../clock.ts'
import { DatagramBatch } from '../udp/datagram-batch.ts'
import { DatagramReader, type DatagramSource } from '../udp/datagram-reader.ts'
import { linuxSockets } from '../udp/linux-sockets.ts'
import { type BoundAddress, hostAddresses } from './candidates.ts'
import { unfitIpv6Addresses } from './ipv6-flags.ts'

/**
 * One socket per address of the machine: what is sent leaves with the address that the browser wrote to, which one
 * socket for all addresses could not promise on a machine with several (Node cannot name the source of a datagram). It
 * costs nothing: 4.1 µs a datagram, 4.3 by a wildcard socket, 4.1 by a dual-stack one; connected 3.5, and 0.3 less
 * each by the private handle (loopback, Node 26; build on it only where a file descriptor per listener is no matter).
 */
export interface UdpSocket extends BoundAddress {
  /** Sends at once or drops; never throws. */
  send(datagram: Uint8Array, port: number, address: string): void
  /** For many datagrams at once; null where the system has no such way. */
  readonly batch?: DatagramBatch | null
}

interface UdpSocketsOptions {
  clock: Clock
  /** Ports to try, both ends included; any free port without it. */
  portRange: readonly [number, number] | undefined
  interfaceAddresses: readonly string[] | undefined
  /** The datagram and `remote` are valid during the call only. */
  onDatagram(datagram: Buffer, from: UdpSocket, remote: BoundAddress | DatagramSource): void
  onTrouble(message: string, fields: Record<string, unknown>): void
  /** Sockets can send many datagrams at once, where the system can (udp/linux-sockets.ts). */
  batches?: boolean
  /** For tests: the machine's addresses, best first. */
  addresses?: (() => string[]) | undefined
}

/** A burst to a few thousand listeners, and what they send at once, fit. The kernel may give less. */
const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024
/** Free ports that are tried until one is free at every address. */
const FREE_PORT_TRIES = 16
/** The addresses are looked at again this often at most. */
const REFRESH_MS = 2_000
/** An address that is lost keeps its socket for this long: Wi-Fi that comes back is the same path again. */
const LOST_ADDRESS_MS = 30_000

interface Bound extends UdpSocket {
  socket: Socket
  reader: DatagramReader | null
  /** When the machine was last seen to have the address. */
  seenAtMs: number
}

/** The node's UDP port: the same number at every address, one hole in a firewall. */
export class UdpSockets {
  readonly #options: UdpSocketsOptions
  readonly #bound = new Map<string, Bound>()
  #current: readonly UdpSocket[] = []
  /** Kept while addresses come and go: port forwardings and paths of live links point to it. */
  #port: number | null = null
  #refreshedAtMs = Number.NEGATIVE_INFINITY
  #binding: Promise<void> | null = null
  #closed = false

  constructor(options: UdpSocketsOptions) {
    this.#options = options
  }

  /** The sockets of the addresses that the machine has now. */
  get bound(): readonly UdpSocket[] {
    return this.#current
  }

  /**
   * Binds the addresses that the machine has now and that have no socket yet (a laptop changes networks), and
   * lets go of those it lost a while ago. Does nothing where that was done just now.
   * @returns whether it looked.
   * @throws Error where not one address could be bound.
   */
  async refresh(): Promise<boolean> {
    const nowMs = this.#options.clock.monotonicMs()
    if (!this.#binding && nowMs - this.#refreshedAtMs < REFRESH_MS) return false
    this.#refreshedAtMs = nowMs
    this.#binding ??= this.#refresh().finally(() => {
      this.#binding = null
    })
    await this.#binding
    return true
  }

  async #refresh(): Promise<void> {
    const addresses = this.#addresses()
    const missing = addresses.filter((address) => !this.#bound.has(address))
    if (missing.length > 0) await this.#openAll(missing)
    this.#settle(addresses)
    if (this.#current.length > 0 || this.#closed) return
    this.#refreshedAtMs = Number.NEGATIVE_INFINITY
    throw new Error('no UDP port could be bound')
  }

  #addresses(): string[] {
    const { addresses, interfaceAddresses } = this.#options
    if (addresses) return addresses()
    return hostAddresses(networkInterfaces(), interfaceAddresses, unfitIpv6Addresses())
  }

  #settle(addresses: readonly string[]): void {
    const nowMs = this.#options.clock.monotonicMs()
    for (const [address, bound] of this.#bound) {
      if (addresses.includes(address)) bound.seenAtMs = nowMs
      else if (nowMs - bound.seenAtMs >= LOST_ADDRESS_MS) this.#drop(bound)
    }
    this.#current = addresses.flatMap((address) => this.#bound.get(address) ?? [])
  }

  /** All at one port if there is one that is free at all of them, else each at what is free. */
  async #openAll(addresses: readonly string[]): Promise<void> {
    for (const port of this.#portsToTry()) {
      if (this.#closed) return
      if (await this.#openAt(addresses, port)) return
    }
    for (const address of addresses) if (!this.#closed) await this.#openAnywhere(address)
  }

  /** False, and nothing bound, where somebody has that port at one of them. Addresses that cannot be used at all do not count. */
  async #openAt(addresses: readonly string[], wanted: number): Promise<boolean> {
    const opened: Bound[] = []
    let port = wanted
    for (const address of addresses) {
      const result = await this.#bind(address, port)
      if (result.ok) {
        opened.push(result.bound)
        port = result.bound.port
      } else if (result.isTaken) {
        for (const bound of opened) this.#drop(bound)
        return false
      } else this.#options.onTrouble('a UDP address cannot be used', { address, failure: result.failure })
    }
    if (opened.length > 0) this.#port ??= port
    return true
  }

  *#portsToTry(): Generator<number> {
    if (this.#port !== null) {
      yield this.#port
      return
    }
    const { portRange } = this.#options
    if (portRange) for (let port = portRange[0]; port <= portRange[1]; port++) yield port
    else for (let i = 0; i < FREE_PORT_TRIES; i++) yield 0
  }

  async #openAnywhere(address: string): Promise<void> {
    const [first, last] = this.#options.portRange ?? [0, 0]
    let failure = 'no port'
    for (let port = first; port <= last && !this.#closed; port++) {
      const result = await this.#bind(address, port)
      if (result.ok) {
        this.#port ??= result.bound.port
        this.#options.onTrouble('a UDP address has another port than the rest', { address, port: result.bound.port })
        return
      }
      failure = result.failure
    }
    this.#options.onTrouble('a UDP address cannot be used', { address, failure })
  }

  #bind(address: string, port: number): Promise<BindResult> {
    const ipv6Only = isIPv6(address)
    const type = ipv6Only ? 'udp6' : 'udp4'
    const family = ipv6Only ? 6 : 4
    // Addresses only, never names: a lookup of our own saves a turn of the event loop per packet.
    const socket = createSocket({ type, ipv6Only, lookup: (host, _options, callback) => callback(null, host, family) })
    const fd = this.#options.batches ? (linuxSockets()?.open(address, port) ?? null) : null
    return new Promise((resolve) => {
      socket.once('error', (error) => {
        socket.removeAllListeners('listening').close()
        resolve({ ok: false, isTaken: isPortTaken(error), failure: error.message })
      })
      socket.once('listening', () => {
        socket.removeAllListeners('error')
        resolve({ ok: true, bound: this.#adopt(socket, address, fd) })
      })
      // What the kernel refused is asked for again the ordinary way, which tells why.
      socket.bind(fd === null ? { address, port, exclusive: true } : { fd })
    })
  }

  #adopt(socket: Socket, address: string, fd: number | null): Bound {
    const { port } = socket.address()
    const sockets = fd === null ? null : linuxSockets()
    const batch = sockets && fd !== null ? new DatagramBatch(sockets, fd) : null
    const reader = sockets && fd !== null ? new DatagramReader(sockets, fd) : null
    const send: Bound['send'] = (datagram, to, at) => sendOrDrop(socket, datagram, to, at)
    const bound: Bound = { socket, address, port, send, batch, reader, seenAtMs: this.#options.clock.monotonicMs() }
    this.#bound.set(address, bound)
    this.#enlarge(bound)
    socket.on('error', (error) => {
      this.#options.onTrouble('a UDP socket failed', { address, failure: error.message })
      this.#drop(bound)
    })
    const { onDatagram } = this.#options
    const take = (datagram: Buffer, source: DatagramSource) => onDatagram(datagram, bound, source)
    socket.on('message', (datagram, remote) => {
      onDatagram(datagram, bound, remote)
      reader?.read(take)
    })
    return bound
  }

  #enlarge({ socket, address }: Bound): void {
    try {
      socket.setRecvBufferSize(SOCKET_BUFFER_BYTES)
      socket.setSendBufferSize(SOCKET_BUFFER_BYTES)
    } catch (error) {
      this.#options.onTrouble('UDP buffers stay small', { address, failure: String(error) })
    }
  }

  #drop(bound: Bound): void {
    if (this.#bound.get(bound.address) !== bound) return
    this.#bound.delete(bound.address)
    this.#current = this.#current.filter((other) => other !== bound)
    bound.batch?.close()
    bound.reader?.close()
    bound.socket.close()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#binding?.catch(() => {})
    for (const { batch, reader } of this.#bound.values()) {
      batch?.close()
      reader?.close()
    }
    const closing = [...this.#bound.values()].map(
      ({ socket }) => new Promise<void>((resolve) => socket.close(() => resolve())),
    )
    this.#bound.clear()
    this.#current = []
    await Promise.all(closing)
  }
}

type BindResult = { ok: true; bound: Bound } | { ok: false; isTaken: boolean; failure: string }

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')
}

function sendOrDrop(socket: Socket, datagram: Uint8Array, port: number, address: string): void {
  try {
    // Without a callback Node drops what the kernel refuses; a callback would cost an object per packet.
    socket.send(datagram, port, address)
  } catch {
    // The socket was closed under us: the packet is lost like any other on its way.
  }
}
