import type { BoundAddress } from './candidates.ts'
import type { UdpSocket } from './udp-sockets.ts'

/** One way to a peer: a socket of ours and an address of theirs that proved to be theirs by a STUN check. */
export interface LinkPath {
  readonly socket: UdpSocket
  readonly address: string
  readonly port: number
  heardAtMs: number
}

/** A phone has Wi-Fi and mobile data, IPv4 and IPv6, against every address of ours. */
const MAX_PATHS = 32
/**
 * A nominated path that was silent for this long loses its place to one that speaks. Longer than the 2.5 s between
 * the checks of a browser that only listens, and than the consent requests that fill them.
 */
const STALE_AFTER_MS = 3_500

/**
 * The paths of one link, and which of them we send on. ICE-lite: the browser, which controls, says so by
 * USE-CANDIDATE, and moves us by saying it on another path (RFC 8445 §8.2).
 */
export class LinkPaths {
  readonly #paths = new Map<string, LinkPath>()
  #selected: LinkPath | null = null

  get selected(): LinkPath | null {
    return this.#selected
  }

  /** An authentic STUN check came this way. Gives the path, and the one that had to go for it. */
  onCheck(
    socket: UdpSocket,
    remote: BoundAddress,
    check: { nominated: boolean; nowMs: number },
  ): { path: LinkPath; evicted: LinkPath | null } {
    const key = pathKey(socket, remote)
    const known = this.#paths.get(key)
    const path = known ?? { socket, address: remote.address, port: remote.port, heardAtMs: check.nowMs }
    const evicted = known ? null : this.#add(key, path)
    this.onHeard(path, check.nowMs)
    if (check.nominated) this.#selected = path
    return { path, evicted }
  }

  /** Something authentic came this way. */
  onHeard(path: LinkPath, nowMs: number): void {
    path.heardAtMs = nowMs
    if (!this.#selected || nowMs - this.#selected.heardAtMs > STALE_AFTER_MS) this.#selected = path
  }

  #add(key: string, path: LinkPath): LinkPath | null {
    this.#paths.set(key, path)
    if (this.#paths.size <= MAX_PATHS) return null
    for (const [otherKey, other] of this.#paths) {
      if (other === this.#selected || other === path) continue
      this.#paths.delete(otherKey)
      return other
    }
    return null
  }

  all(): LinkPath[] {
    return [...this.#paths.values()]
  }
}

export function pathKey(socket: BoundAddress, remote: BoundAddress): string {
  return `${socket.address} ${socket.port} ${remote.address} ${remote.port}`
}
