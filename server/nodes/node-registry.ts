import type { NodeId } from '../../sfu-core/contract/ids.ts'
import { NODE_MAX_ROOMS, NODE_SILENCE_MS, STUN_SERVERS_COUNT } from '../../sfu-core/contract/limits.ts'
import type { Heartbeat } from '../../sfu-core/contract/node-protocol.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { NowMs } from '../clock.ts'
import { NODE_WATCH_INTERVAL_MS } from '../limits.ts'
import { type NodeIdentity, NodeSession } from './node-session.ts'

/**
 * The nodes that are there. A node is there from its registration until it has been silent for
 * NODE_SILENCE_MS: a connection that breaks and comes back meanwhile makes no news.
 */
export class NodeRegistry {
  readonly #steadyMs: NowMs
  readonly #sessions = new Map<NodeId, NodeSession>()
  readonly #byConnection = new Map<string, NodeSession>()
  readonly #lastHeardMs = new Map<NodeId, number>()
  readonly #onGone = new Set<(nodeId: NodeId) => void>()
  #timer: NodeJS.Timeout | null = null

  /** `steadyMs`: a monotonic clock; a step of the wall clock would let go of every node at once. */
  constructor(steadyMs: NowMs) {
    this.#steadyMs = steadyMs
  }

  /** Begins to watch for silent nodes. */
  start(): void {
    this.#timer ??= setInterval(() => this.checkSilence(), NODE_WATCH_INTERVAL_MS)
  }

  onGone(listener: (nodeId: NodeId) => void): void {
    this.#onGone.add(listener)
  }

  /** A second registration of the same node ends the first. */
  register(identity: NodeIdentity, connectionId: string): NodeSession {
    this.#sessions.get(identity.nodeId)?.end('replaced')
    const session = new NodeSession(identity, connectionId)
    this.#sessions.set(identity.nodeId, session)
    this.#byConnection.set(connectionId, session)
    this.#lastHeardMs.set(identity.nodeId, this.#steadyMs())
    return session
  }

  /**
   * The session of a call, and a sign of life.
   * @throws Refusal `node-unknown` before registering and after a long silence; `replaced` when another process
   *   registered as the same node.
   */
  heard(connectionId: string): NodeSession {
    const session = this.#byConnection.get(connectionId)
    if (session?.ended === 'replaced') throw new Refusal('replaced', 'Another process registered as this node.')
    if (session === undefined || session.ended !== null) throw new Refusal('node-unknown', 'Register first.')
    this.#lastHeardMs.set(session.identity.nodeId, this.#steadyMs())
    return session
  }

  connectionClosed(connectionId: string): void {
    this.#byConnection.get(connectionId)?.end('closed')
    this.#byConnection.delete(connectionId)
  }

  isThere(nodeId: NodeId): boolean {
    return this.#lastHeardMs.has(nodeId)
  }

  /** null: not there, or its line is broken at the moment. */
  session(nodeId: NodeId): NodeSession | null {
    const session = this.#sessions.get(nodeId)
    return session === undefined || session.ended !== null ? null : session
  }

  /** @throws Refusal `node-gone`. */
  sessionOrRefuse(nodeId: NodeId): NodeSession {
    const session = this.session(nodeId)
    if (session !== null) return session
    throw new Refusal('node-gone', 'The computer that runs this room cannot be reached at the moment.')
  }

  /** One that can be asked, full or not. */
  hasRelay(): boolean {
    return this.#relays().length > 0
  }

  /** The relay with the fewest people, of those the one with the fewest rooms; null: none is there, or all are full. */
  leastBusyRelay(): NodeSession | null {
    const [best] = this.#relays()
      .filter((relay) => load(relay).rooms < NODE_MAX_ROOMS)
      .sort((a, b) => load(a).participants - load(b).participants || load(a).rooms - load(b).rooms)
    return best ?? null
  }

  /** Answered by relays, for pages and computers behind routers. */
  get stunServers(): readonly string[] {
    return this.#relays()
      .flatMap((relay) => relay.identity.stunServers)
      .slice(0, STUN_SERVERS_COUNT)
  }

  #relays(): NodeSession[] {
    return [...this.#sessions.values()].filter((session) => session.ended === null && session.identity.kind === 'relay')
  }

  checkSilence(): void {
    const now = this.#steadyMs()
    for (const [nodeId, heardMs] of this.#lastHeardMs) {
      if (now - heardMs < NODE_SILENCE_MS) continue
      this.#lastHeardMs.delete(nodeId)
      this.#sessions.get(nodeId)?.end('silent')
      this.#sessions.delete(nodeId)
      for (const listener of this.#onGone) listener(nodeId)
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    for (const session of this.#sessions.values()) session.end('closed')
  }
}

function load(session: NodeSession): Pick<Heartbeat, 'rooms' | 'participants'> {
  return session.heartbeat ?? { rooms: 0, participants: 0 }
}
