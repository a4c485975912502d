import WebSocket from 'ws'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import { type AudiencePacketMs, DEFAULT_AUDIENCE_PACKET_MS } from '../../sfu-core/contract/media.ts'
import type {
  NodeAnswer,
  NodeLink,
  NodeLinkState,
  NodeRegistration,
  NodeRequest,
  NodeWelcome,
  OpenRoom,
  RoomPublication,
} from '../../sfu-core/contract/node-protocol.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { Participant, Recording, RoomEvent } from '../../sfu-core/contract/state.ts'
import { roomClaimsSchema } from '../../sfu-core/contract/token.ts'
import { createNodeLink } from '../contract/node-link.ts'
import { person } from '../rooms/room-fixtures.ts'
import { type TestServer, until } from './harness.ts'

/** A node without media over a real line: seats everybody who joins, does as the test says. */
export interface FakeNode {
  readonly link: NodeLink
  readonly requests: NodeRequest[]
  readonly welcomes: NodeWelcome[]
  readonly states: NodeLinkState[]
  /** Publishes events of a room, as its next publication. */
  tell(roomId: RoomId, events: RoomEvent[]): Promise<void>
  /** Registered. */
  up(): Promise<void>
  /** Stops to say that it lives. */
  fallSilent(): void
  close(): Promise<void>
}

export interface FakeNodeOptions {
  credential: { relayKey: string } | { nodeToken: string }
  registration?: Partial<NodeRegistration>
  /** Takes the place of the usual answer. */
  answer?: (request: NodeRequest) => Promise<NodeAnswer> | NodeAnswer | undefined
  /** Told with every publication. */
  snapshots?: boolean
}

interface FakeRoom {
  seq: number
  people: Map<string, Participant>
  recording: Recording | null
  audiencePacketMs: AudiencePacketMs
}

const EPOCH = 'epoch-1'
const HEARTBEAT = { rooms: 0, participants: 0, cpuUs: 0, residentBytes: 0 }
const HEARTBEAT_MS = 500

export function startFakeNode(server: Pick<TestServer, 'url'>, options: FakeNodeOptions): FakeNode {
  const link = createNodeLink({
    url: server.url,
    credential: options.credential,
    WebSocketImpl: WebSocket as unknown as typeof globalThis.WebSocket,
  })
  const rooms = new Map<RoomId, FakeRoom>()
  const requests: NodeRequest[] = []
  const welcomes: NodeWelcome[] = []
  const states: NodeLinkState[] = []
  const publish = (roomId: RoomId, body: RoomPublication['body']) => {
    const room = rooms.get(roomId)
    if (room === undefined) throw new Error('no such room')
    const seats = [...room.people.values()]
    const snapshot = { seats, removed: [], nextNumber: seats.length + 1, recording: null }
    room.seq += 1
    return link.publish({ roomId, epoch: EPOCH, seq: room.seq - 1, body, ...(options.snapshots ? { snapshot } : {}) })
  }
  const publishWhole = (roomId: RoomId) => {
    const { people = [], recording = null, audiencePacketMs = DEFAULT_AUDIENCE_PACKET_MS } = rooms.get(roomId) ?? {}
    const state = { participants: Object.fromEntries(people), recording, audiencePacketMs }
    return publish(roomId, { type: 'state', state })
  }
  const open = async ({ roomId, snapshot, audiencePacketMs }: OpenRoom) => {
    const people = new Map((snapshot?.seats ?? []).map((seat) => [seat.id, seat]))
    if (!rooms.has(roomId)) rooms.set(roomId, { seq: 0, people, recording: null, audiencePacketMs })
    await publishWhole(roomId)
  }
  const usualAnswer = async (request: NodeRequest): Promise<NodeAnswer> => {
    switch (request.type) {
      case 'open-room':
        await open(request.room)
        return { ok: true, value: null }
      case 'close-room':
        rooms.delete(request.roomId)
        return { ok: true, value: null }
      case 'join': {
        const claims = roomClaimsSchema.parse(JSON.parse(atobUrl(request.token.split('.')[1] ?? '')))
        if (claims.roomId !== request.roomId) throw new Refusal('token-wrong-room')
        const rank = claims.role === 'host' ? 'host' : 'member'
        const seat = person(claims.participantId, { name: claims.name, guest: claims.guest, rank })
        rooms.get(request.roomId)?.people.set(seat.id, seat)
        await publish(request.roomId, { type: 'events', events: [{ type: 'participant', participant: seat }] })
        return { ok: true, value: { answerSdp: `answer to ${request.offerSdp}`, participant: seat } }
      }
      case 'act':
      case 'candidates':
        return { ok: true, value: null }
      case 'take-clock': {
        const recording = rooms.get(request.roomId)?.recording
        if (!recording) throw new Refusal('no-take')
        return { ok: true, value: { takeId: recording.takeId, takeMs: Date.now() - recording.startedAtMs } }
      }
    }
  }
  link.open({
    registration: { kind: 'relay', name: 'Fake', version: '0', takeStorage: 'shared', ...options.registration },
    onWelcome: async (welcome) => {
      welcomes.push(welcome)
      for (const room of welcome.rooms) await open(room)
    },
    onRequest: async (request) => {
      requests.push(request)
      return (await options.answer?.(request)) ?? usualAnswer(request)
    },
    onState: (state) => states.push(state),
  })
  const heartbeats = setInterval(() => void link.heartbeat(HEARTBEAT).catch(() => {}), HEARTBEAT_MS)
  return {
    link,
    requests,
    welcomes,
    states,
    tell: (roomId, events) => {
      for (const event of events) {
        const room = rooms.get(roomId)
        if (event.type === 'audience-packet' && room) room.audiencePacketMs = event.audiencePacketMs
        if (event.type === 'recording' && room) room.recording = event.recording
        if (event.type === 'participant') rooms.get(roomId)?.people.set(event.participant.id, event.participant)
      }
      return publish(roomId, { type: 'events', events })
    },
    up: async () => void (await until(() => states.at(-1)?.state === 'up', 'the fake node is registered')),
    fallSilent: () => clearInterval(heartbeats),
    close: async () => {
      clearInterval(heartbeats)
      await link.close()
    },
  }
}

function atobUrl(text: string): string {
  return Buffer.from(text, 'base64url').toString('utf8')
}
