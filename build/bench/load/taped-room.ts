import WebSocket from 'ws'
import { createServerClient, type ServerClient } from '../../../server/contract/client.ts'
import { createNodeLink } from '../../../server/contract/node-link.ts'
import type { TapeGrant } from '../../../server/contract/views.ts'
import { type RoomId, takeIdSchema, tapeIdSchema } from '../../../sfu-core/contract/ids.ts'
import { DEFAULT_AUDIENCE_PACKET_MS } from '../../../sfu-core/contract/media.ts'
import type { NodeAnswer, NodeLink, NodeRequest } from '../../../sfu-core/contract/node-protocol.ts'
import { Refusal } from '../../../sfu-core/contract/reasons.ts'
import type { Participant } from '../../../sfu-core/contract/state.ts'
import { roomClaimsSchema } from '../../../sfu-core/contract/token.ts'

/** A live room of a real server in which people are recorded, without any media: a node that only says so. */
export interface TapedRoom extends AsyncDisposable {
  /** One for each speaker. */
  grants: TapeGrant[]
}

export interface TapedRoomOptions {
  url: string
  relayKey: string
  speakers: number
}

const HEARTBEAT_MS = 500
const WebSocketImpl = WebSocket as unknown as typeof globalThis.WebSocket

export async function openTapedRoom({ url, relayKey, speakers }: TapedRoomOptions): Promise<TapedRoom> {
  const node = new StageNode(createNodeLink({ url, credential: { relayKey }, WebSocketImpl }))
  await node.up
  const host = await hostClient(url)
  const { roomId } = await host.api.rooms.create.mutate({ title: 'Bench', visibility: 'public', hosting: 'relay' })
  await host.api.rooms.goLive.mutate({ roomId })
  const client = createServerClient({ url, WebSocketImpl })
  const seats: string[] = []
  for (let number = 1; number <= speakers; number++) {
    const { seat, token } = await client.api.rooms.join.mutate({ roomId, name: `Speaker ${number}` })
    await client.api.rooms.offer.mutate({ token, offerSdp: 'v=0' })
    seats.push(seat)
  }
  const takeId = takeIdSchema.parse('bench-take')
  await node.record(roomId, { takeId, startedAtMs: Date.now() })
  const facts = { takeId, source: 'processed', channels: 1, deviceLabel: 'Bench' } as const
  const grants = await Promise.all(
    seats.map((seat, i) =>
      client.api.tapes.open.mutate({ seat, opening: { ...facts, tapeId: tapeIdSchema.parse(`bench-tape-${i}`) } }),
    ),
  )
  const end = async () => {
    await Promise.all([client.close(), host.close()])
    await node.close()
  }
  return { grants, [Symbol.asyncDispose]: end }
}

async function hostClient(url: string): Promise<ServerClient> {
  const response = await fetch(`${url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ name: 'Host', email: 'host@example.org', password: 'correct horse battery' }),
  })
  const authorization = `Bearer ${response.headers.get('set-auth-token') ?? ''}`
  return createServerClient({ url, WebSocketImpl, credentials: () => ({ authorization }) })
}

/** Seats everybody on stage, with consent. */
class StageNode {
  readonly up: Promise<void>
  readonly #link: NodeLink
  readonly #people = new Map<string, Participant>()
  readonly #heartbeats: NodeJS.Timeout
  #seq = 0

  constructor(link: NodeLink) {
    this.#link = link
    const { promise, resolve } = Promise.withResolvers<void>()
    this.up = promise
    link.open({
      registration: { kind: 'relay', name: 'Bench', version: '0', takeStorage: 'shared' },
      onWelcome: () => {},
      onRequest: (request) => this.#answer(request),
      onState: ({ state }) => {
        if (state === 'up') resolve()
      },
    })
    const heartbeat = { rooms: 1, participants: 8, cpuUs: 0, residentBytes: 0 }
    this.#heartbeats = setInterval(() => void link.heartbeat(heartbeat).catch(() => {}), HEARTBEAT_MS)
  }

  async record(roomId: RoomId, recording: { takeId: ReturnType<typeof takeIdSchema.parse>; startedAtMs: number }) {
    await this.#publish(roomId, { type: 'events', events: [{ type: 'recording', recording }] })
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeats)
    await this.#link.close()
  }

  async #answer(request: NodeRequest): Promise<NodeAnswer> {
    if (request.type === 'open-room') {
      const state = { participants: {}, recording: null, audiencePacketMs: DEFAULT_AUDIENCE_PACKET_MS }
      await this.#publish(request.room.roomId, { type: 'state', state })
    }
    if (request.type !== 'join') return { ok: true, value: null }
    const participant = this.#seat(request.token)
    await this.#publish(request.roomId, { type: 'events', events: [{ type: 'participant', participant }] })
    return { ok: true, value: { answerSdp: 'v=0', participant } }
  }

  #seat(token: string): Participant {
    const text = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
    const claims = roomClaimsSchema.safeParse(JSON.parse(text))
    if (!claims.success) throw new Refusal('token-malformed')
    const { participantId: id, name, guest } = claims.data
    const participant: Participant = {
      id,
      number: this.#people.size + 1,
      name,
      guest,
      rank: 'member',
      onStage: true,
      muted: false,
      mutedBy: null,
      handRaisedAtMs: null,
      invitedToStage: false,
      recordingConsent: true,
      connected: true,
    }
    this.#people.set(id, participant)
    return participant
  }

  #publish(roomId: RoomId, body: Parameters<NodeLink['publish']>[0]['body']): Promise<void> {
    this.#seq += 1
    return this.#link.publish({ roomId, epoch: 'bench', seq: this.#seq - 1, body })
  }
}
