import { lookup } from 'node:dns/promises'
import { isIPv4 } from 'node:net'
import type { Clock } from '../../clock.ts'
import { type BoundAddress, isLoopback, type MappedAddress } from './candidates.ts'
import { plainBindingRequest, STUN_BINDING_SUCCESS, type StunMessage } from './stun.ts'
import { newTransactionId } from './stun-requests.ts'
import type { UdpSocket } from './udp-sockets.ts'

/** RFC 8445 §11 wants at least one packet in 15 s to keep a NAT's mapping. */
const REFRESH_MS = 14_000
/** A mapping that was not seen again for this long is one no more: three answers lost, or the address gone. */
const MAPPING_TTL_MS = 3 * REFRESH_MS
const MAX_SERVERS = 4
const DEFAULT_PORT = 3478

interface SeenMapping extends MappedAddress {
  seenAtMs: number
}

/** Asks STUN servers, where the operator or else our server names some, how our sockets look from outside, again and again. */
export class StunMappings {
  readonly #named: boolean
  #servers: readonly BoundAddress[]
  readonly #clock: Clock
  readonly #sockets: () => readonly UdpSocket[]
  readonly #pending = new Map<string, UdpSocket>()
  readonly #mapped = new Map<string, SeenMapping>()
  #cancel: (() => void) | null = null

  constructor(servers: readonly string[], clock: Clock, sockets: () => readonly UdpSocket[]) {
    this.#named = servers.length > 0
    this.#servers = servers.slice(0, MAX_SERVERS).map(parseStunServer)
    this.#clock = clock
    this.#sockets = sockets
  }

  /** Those that our server knows of, at each registration. What the operator named goes before. */
  use(servers: readonly string[]): void {
    if (this.#named) return
    this.#servers = servers.slice(0, MAX_SERVERS).map(parseStunServer)
    this.start()
  }

  get mapped(): MappedAddress[] {
    const nowMs = this.#clock.monotonicMs()
    const isBound = (base: BoundAddress) =>
      this.#sockets().some((socket) => socket.address === base.address && socket.port === base.port)
    for (const [key, { base, seenAtMs }] of this.#mapped) {
      if (nowMs - seenAtMs > MAPPING_TTL_MS || !isBound(base)) this.#mapped.delete(key)
    }
    return [...this.#mapped.values()].map(({ address, port, base }) => ({ address, port, base }))
  }

  start(): void {
    if (this.#servers.length === 0 || this.#cancel) return
    this.#cancel = this.#clock.after(REFRESH_MS, () => {
      this.#cancel = null
      this.start()
    })
    this.#pending.clear()
    for (const server of this.#servers) void this.#ask(server)
  }

  async #ask(server: BoundAddress): Promise<void> {
    // A name that cannot be looked up now is looked up again at the next refresh.
    const found = await lookup(server.address, 4).catch(() => null)
    if (!found || !this.#cancel) return
    for (const socket of this.#sockets()) {
      if (!isIPv4(socket.address) || isLoopback(socket.address)) continue
      const transactionId = newTransactionId()
      this.#pending.set(transactionId.toString('hex'), socket)
      socket.send(plainBindingRequest(transactionId), server.port, found.address)
    }
  }

  /** True where the message answers a question of ours. */
  onResponse(message: StunMessage): boolean {
    const id = message.transactionId.toString('hex')
    const base = this.#pending.get(id)
    if (!base) return false
    this.#pending.delete(id)
    if (message.type === STUN_BINDING_SUCCESS && message.mappedAddress) {
      const { address, port } = base
      const seenAtMs = this.#clock.monotonicMs()
      this.#mapped.set(`${address} ${port}`, { ...message.mappedAddress, base: { address, port }, seenAtMs })
    }
    return true
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#pending.clear()
  }
}

/** `stun:host:port`, `host:port` or `host`. */
function parseStunServer(text: string): BoundAddress {
  const [address = '', port] = text.replace(/^stun:/, '').split(':')
  return { address, port: port ? Number(port) : DEFAULT_PORT }
}
