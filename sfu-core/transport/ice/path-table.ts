import type { DatagramSource } from '../udp/datagram-reader.ts'
import type { BoundAddress } from './candidates.ts'
import type { LinkPath } from './link-paths.ts'
import type { UdpSocket } from './udp-sockets.ts'

interface Entry<Owner> {
  readonly path: LinkPath
  owner: Owner
}

/**
 * Whose datagram it is, by socket and remote address (RFC 7983 §3). By port first: an integer, where a key made of both
 * addresses would be a new string for each datagram.
 */
export class PathTable<Owner> {
  readonly #bySocket = new Map<UdpSocket, Map<number, Entry<Owner>[]>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  find(socket: UdpSocket, remote: BoundAddress | DatagramSource): Entry<Owner> | null {
    const entries = this.#bySocket.get(socket)?.get(remote.port)
    if (entries === undefined) return null
    for (const entry of entries) {
      if ('isOf' in remote ? remote.isOf(entry.path) : entry.path.address === remote.address) return entry
    }
    return null
  }

  /** The browser may have given the same port to its next connection: the newest owner has it. */
  set(path: LinkPath, owner: Owner): void {
    const known = this.find(path.socket, path)
    if (known && known.path === path) {
      known.owner = owner
      return
    }
    this.#remove(path)
    const ports = this.#bySocket.get(path.socket) ?? new Map<number, Entry<Owner>[]>()
    this.#bySocket.set(path.socket, ports)
    ports.set(path.port, [...(ports.get(path.port) ?? []), { path, owner }])
    this.#size += 1
  }

  /** Forgets the path, unless somebody else has it now. */
  delete(path: LinkPath, owner: Owner): void {
    const known = this.find(path.socket, path)
    if (known?.owner === owner) this.#remove(path)
  }

  #remove(path: LinkPath): void {
    const ports = this.#bySocket.get(path.socket)
    const entries = ports?.get(path.port)
    if (!ports || !entries) return
    const left = entries.filter((entry) => entry.path.address !== path.address)
    this.#size -= entries.length - left.length
    if (left.length > 0) ports.set(path.port, left)
    else ports.delete(path.port)
    if (ports.size === 0) this.#bySocket.delete(path.socket)
  }
}
