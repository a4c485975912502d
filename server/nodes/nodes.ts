import { createHash } from 'node:crypto'
import { type NodeId, nodeIdSchema } from '../../sfu-core/contract/ids.ts'
import type { NodeRegistration, NodeWelcome, RoomPublication } from '../../sfu-core/contract/node-protocol.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { PublicKey } from '../../sfu-core/contract/token.ts'
import type { Connection } from '../call-context.ts'
import type { NowMs } from '../clock.ts'
import { NODE_TOKEN_RENEW_MS } from '../limits.ts'
import { signedIn } from '../people/people.ts'
import type { RateLimits } from '../rate-limits.ts'
import { type LiveRoom, openRoomOf, type StunServers } from '../rooms/live-room.ts'
import type { LiveRooms } from '../rooms/live-rooms.ts'
import type { Handover } from '../tapes/handover.ts'
import type { Tokens } from '../tokens.ts'
import type { NodeRegistry } from './node-registry.ts'
import type { NodeIdentity } from './node-session.ts'
import type { NodesApi } from './nodes.api.ts'
import type { NodeStore } from './nodes.db.ts'

export interface NodesDeps {
  registry: NodeRegistry
  store: NodeStore
  liveRooms: LiveRooms
  tokens: Tokens
  publicKey: PublicKey
  limits: Pick<RateLimits, 'enrol'>
  nowMs: NowMs
  stunServers: StunServers
  handover: Pick<Handover, 'countFor'>
  /** The node says that a room is over. */
  onRoomEnded(room: LiveRoom): void
  /** False while the server shuts down: what nodes then say of their rooms is their own end, not the rooms'. */
  takesPublications(): boolean
}

export function createNodes(deps: NodesDeps): NodesApi {
  const renewedAtMs = new Map<NodeId, number>()
  deps.registry.onGone((nodeId) => {
    renewedAtMs.delete(nodeId)
    markDown(deps, nodeId)
  })
  return {
    async enroll(caller, name) {
      const { userId } = await signedIn(caller)
      await deps.limits.enrol(userId)
      const nodeId = desktopId(userId, name)
      return { nodeId, nodeToken: await deps.tokens.node.sign({ nodeId, ownerId: userId }) }
    },
    async waiting(caller, name) {
      const { userId } = await signedIn(caller)
      const nodeId = desktopId(userId, name)
      return { tapes: await deps.handover.countFor({ hostId: userId, nodeId }) }
    },
    async register(caller, registration) {
      const identity = identify(caller, registration)
      await deps.store.save(identity, registration.version)
      // Its line may have ended meanwhile, and the one after it be registered: that one lives.
      if (!caller.isOpen()) throw new Refusal('node-gone', 'The line ended before the node was registered.')
      deps.registry.register(identity, caller.id)
      renewedAtMs.set(identity.nodeId, deps.nowMs())
      return welcome(deps, identity)
    },
    requests: (caller, signal) => deps.registry.heard(caller.id).requests(signal),
    answer(caller, requestId, answer) {
      deps.registry.heard(caller.id).answer(requestId, answer)
      return null
    },
    publish(caller, publication) {
      const { identity } = deps.registry.heard(caller.id)
      if (deps.takesPublications()) publish(deps, identity.nodeId, publication)
      return null
    },
    async heartbeat(caller, heartbeat) {
      const session = deps.registry.heard(caller.id)
      session.heartbeat = heartbeat
      const { nodeId } = session.identity
      if (deps.nowMs() - (renewedAtMs.get(nodeId) ?? 0) < NODE_TOKEN_RENEW_MS) return { nodeToken: null }
      renewedAtMs.set(nodeId, deps.nowMs())
      return { nodeToken: await nodeTokenFor(deps, session.identity) }
    },
  }
}

/**
 * @throws Refusal `sign-in-needed` without a credential, the token's own reason, or `not-allowed` for a
 *   desktop's token that registers as a relay.
 */
function identify({ nodeCredential }: Connection, registration: NodeRegistration): NodeIdentity {
  const { kind, name, takeStorage, stunServers = [] } = registration
  if (nodeCredential === null) throw new Refusal('sign-in-needed', 'Nodes only: show a relay key or a node token.')
  if (nodeCredential.kind === 'refused') throw new Refusal(nodeCredential.reason, nodeCredential.message)
  if (nodeCredential.kind !== kind) throw new Refusal('not-allowed', `That credential is not a ${kind}'s.`)
  if (nodeCredential.kind === 'relay')
    return { nodeId: relayId(name), kind, ownerId: null, name, takeStorage, stunServers }
  return {
    nodeId: nodeCredential.nodeId,
    kind,
    ownerId: nodeCredential.ownerId,
    name,
    takeStorage: 'kept',
    stunServers: [],
  }
}

/** The same computer of the same person is the same node again, so that its rooms find it. */
function desktopId(userId: string, name: string): NodeId {
  return idOf('d', `${userId}\n${name}`)
}

/** Relays share a key; their names tell them apart. */
function relayId(name: string): NodeId {
  return idOf('r', name)
}

function idOf(letter: string, text: string): NodeId {
  return nodeIdSchema.parse(`${letter}${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`)
}

async function welcome(deps: NodesDeps, identity: NodeIdentity): Promise<NodeWelcome> {
  return {
    nodeId: identity.nodeId,
    publicKey: deps.publicKey,
    rooms: deps.liveRooms.ofNode(identity.nodeId).map((room) => openRoomOf(room)),
    nodeToken: await nodeTokenFor(deps, identity),
    stunServers: identity.kind === 'desktop' ? [...deps.stunServers({ hosting: 'desktop' })] : [],
  }
}

async function nodeTokenFor(deps: NodesDeps, { nodeId, ownerId }: NodeIdentity): Promise<string | null> {
  return ownerId === null ? null : deps.tokens.node.sign({ nodeId, ownerId })
}

function publish(deps: NodesDeps, nodeId: NodeId, publication: RoomPublication): void {
  const room = deps.liveRooms.get(publication.roomId)
  if (room === null || room.nodeId !== nodeId) {
    throw new Refusal('room-not-live', 'That room is not on this node.')
  }
  const before = room.record
  room.publish(publication)
  if (publication.snapshot !== undefined || room.record !== before) deps.liveRooms.markDirty(room)
  deps.liveRooms.touch(room)
  const { body } = publication
  if (body.type === 'events' && body.events.some((event) => event.type === 'ended')) deps.onRoomEnded(room)
}

function markDown({ liveRooms }: NodesDeps, nodeId: NodeId): void {
  for (const room of liveRooms.ofNode(nodeId)) {
    room.setNodeUp(false)
    liveRooms.touch(room)
  }
}
