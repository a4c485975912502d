import type { BoundAddress } from './candidates.ts'
import { isPlausiblePair, type RemoteCandidate } from './remote-candidates.ts'
import type { UdpSocket } from './udp-sockets.ts'

/**
 * Checks from us toward a peer's candidates. An ICE-lite agent needs none in public; behind a NAT they are what lets
 * the peer's own checks in: a port-restricted NAT drops what comes from an address that nothing was sent to.
 * Anybody with a token can name any address as their own, so every number here is also a bound on what a stranger gets.
 */
export const OUTBOUND = {
  /** RFC 8445 §14.2: Ta, between two checks of one link. */
  paceMs: 50,
  /** RFC 8445 §14.3: the first retransmission; each waits twice as long as the one before. */
  retransmitMs: 500,
  /** Requests of one pair: the last after 15.5 s, when the link has 4 s left to connect. */
  requestsPerPair: 6,
  /** Candidates of one peer that count. */
  candidatesPerLink: 16,
  /** Pairs of a candidate and a socket of ours, best candidates first. */
  pairsPerLink: 24,
  requestsPerLink: 64,
  /** Requests of a whole node in `paceMs`: 320 a second, 38 kB/s. */
  requestsPerPace: 16,
  /** Requests toward one IP address (whatever the port) that nobody answered, in `unansweredWindowMs`. */
  unansweredPerAddress: 48,
  unansweredWindowMs: 60_000,
  /** Addresses that are counted; beyond, the longest known is forgotten. */
  addressesKept: 4_096,
} as const

interface Pair {
  readonly socket: UdpSocket
  readonly remote: RemoteCandidate
  requests: number
  dueAtMs: number
}

/** The pairs of one link that wait for a check. */
export class CheckList {
  #pairs: Pair[] = []
  readonly #known = new Set<string>()
  #requests = 0
  #stopped = false

  get isOver(): boolean {
    return this.#stopped || this.#pairs.length === 0 || this.#requests >= OUTBOUND.requestsPerLink
  }

  /** Adds what is new and plausible, up to the limits. */
  add(candidates: readonly RemoteCandidate[], sockets: readonly UdpSocket[], nowMs: number): void {
    if (this.#stopped) return
    for (const remote of candidates) {
      const key = `${remote.address} ${remote.port}`
      if (this.#known.has(key) || this.#known.size >= OUTBOUND.candidatesPerLink) continue
      this.#known.add(key)
      if (!isOurs(remote, sockets)) this.#pair(remote, sockets, nowMs)
    }
    this.#pairs.sort((a, b) => b.remote.priority - a.remote.priority)
    this.#pairs.length = Math.min(this.#pairs.length, OUTBOUND.pairsPerLink)
  }

  #pair(remote: RemoteCandidate, sockets: readonly UdpSocket[], nowMs: number): void {
    for (const socket of sockets) {
      if (isPlausiblePair(socket, remote)) this.#pairs.push({ socket, remote, requests: 0, dueAtMs: nowMs })
    }
  }

  /** The pair to check now, counted as checked; null where none is due. */
  next(nowMs: number): Pick<Pair, 'socket' | 'remote'> | null {
    if (this.isOver) return null
    const pair = this.#pairs.find(({ dueAtMs }) => dueAtMs <= nowMs)
    if (!pair) return null
    this.#requests += 1
    pair.dueAtMs = nowMs + OUTBOUND.retransmitMs * 2 ** pair.requests
    pair.requests += 1
    if (pair.requests >= OUTBOUND.requestsPerPair) this.#pairs = this.#pairs.filter((other) => other !== pair)
    return pair
  }

  /** The pair works: it needs no more checks. */
  onAnswer(socket: UdpSocket, remote: BoundAddress): void {
    this.#pairs = this.#pairs.filter(
      (pair) => pair.socket !== socket || pair.remote.port !== remote.port || pair.remote.address !== remote.address,
    )
  }

  /** The peer got through by itself, or the link has ended. */
  stop(): void {
    this.#stopped = true
    this.#pairs = []
  }
}

function isOurs(remote: BoundAddress, sockets: readonly UdpSocket[]): boolean {
  return sockets.some((socket) => socket.port === remote.port && socket.address === remote.address)
}

/** A link as the pacer sees it. */
export interface CheckingLink {
  readonly hasChecks: boolean
  /** Sends one check if one is due. False where none was. */
  checkOnce(): boolean
}

/** All links' checks, in turns: no more than the node may send. Called each `OUTBOUND.paceMs`. */
export class CheckPacer {
  readonly #links = new Set<CheckingLink>()

  get size(): number {
    return this.#links.size
  }

  add(link: CheckingLink): void {
    if (link.hasChecks) this.#links.add(link)
  }

  remove(link: CheckingLink): void {
    this.#links.delete(link)
  }

  run(): void {
    let sent = 0
    // A Set is walked in the order of insertion: who was served goes to its end.
    for (const link of [...this.#links]) {
      if (sent >= OUTBOUND.requestsPerPace) return
      this.#links.delete(link)
      if (link.checkOnce()) sent += 1
      if (link.hasChecks) this.#links.add(link)
    }
  }
}

/** How much each address was asked in vain, over all links of the node. */
export class UnansweredRequests {
  readonly #counts = new Map<string, { requests: number; sinceMs: number }>()

  get size(): number {
    return this.#counts.size
  }

  /** Counts one more request, unless there were too many. */
  take(address: string, nowMs: number): boolean {
    const known = this.#counts.get(address)
    if (!known || nowMs - known.sinceMs >= OUTBOUND.unansweredWindowMs) {
      this.#counts.delete(address)
      this.#counts.set(address, { requests: 1, sinceMs: nowMs })
      this.#forgetOldest()
      return true
    }
    if (known.requests >= OUTBOUND.unansweredPerAddress) return false
    known.requests += 1
    return true
  }

  #forgetOldest(): void {
    if (this.#counts.size <= OUTBOUND.addressesKept) return
    const oldest = this.#counts.keys().next().value
    if (oldest !== undefined) this.#counts.delete(oldest)
  }

  /** Somebody with the right password is there. */
  onAnswer(address: string): void {
    this.#counts.delete(address)
  }
}
