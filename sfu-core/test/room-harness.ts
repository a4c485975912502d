import type { RoomAction } from '../contract/actions.ts'
import { nodeIdSchema, roomIdSchema } from '../contract/ids.ts'
import { DEFAULT_AUDIENCE_PACKET_MS } from '../contract/media.ts'
import type { JoinAnswer, RoomPublication } from '../contract/node-protocol.ts'
import {
  applyRoomEvents,
  EMPTY_ROOM_STATE,
  type Participant,
  type RoomSnapshot,
  type RoomState,
} from '../contract/state.ts'
import type { TakeManifest } from '../contract/take.ts'
import type { Role, RoomClaims } from '../contract/token.ts'
import { Room } from '../room/room.ts'
import { createFakeClock } from './fake-clock.ts'
import { createFakeForwarder } from './fake-forwarder.ts'
import { createFakeStudio, type FakeStudio } from './fake-recorder.ts'
import { createFakeTransport, type FakeMediaLink, GOOD_OFFER } from './fake-transport.ts'
import { personId } from './people.ts'
import { settle } from './settle.ts'

const ROOM_ID = roomIdSchema.parse('room-1')

/** One room with fakes all round, and a copy of its state kept from its publications as the server keeps it. */
export function createRoomHarness(
  snapshot: RoomSnapshot | null = null,
  prepare: (studio: FakeStudio) => void = () => {},
) {
  const clock = createFakeClock()
  const transport = createFakeTransport()
  const forwarder = createFakeForwarder()
  const studio = createFakeStudio(clock)
  prepare(studio)
  const publications: RoomPublication[] = []
  const manifests: TakeManifest[] = []
  const trouble: unknown[] = []
  let lineIsUp = true
  const room = new Room({
    room: { roomId: ROOM_ID, title: 'A room', audiencePacketMs: DEFAULT_AUDIENCE_PACKET_MS, snapshot },
    clock,
    transport,
    forwarder,
    // The token is the claims themselves: token.test.ts has the real thing.
    verify: async (token) => JSON.parse(token) as RoomClaims,
    publish: async (publication) => {
      if (!lineIsUp) throw new Error('the line is down')
      publications.push(structuredClone(publication))
    },
    startTake: (start, events) => studio.start({ ...start, roomId: ROOM_ID }, events),
    onNotLive: () => trouble.push('not live'),
    onManifest: (manifest) => manifests.push(manifest),
    onTrouble: (message, error) => trouble.push({ message, error }),
  })

  const copy = (): RoomState => publications.reduce(applyPublication, EMPTY_ROOM_STATE)

  async function join(name: string, role: Role = 'listener', offerSdp = GOOD_OFFER): Promise<JoinAnswer> {
    const claims = { participantId: personId(name), role, name, guest: false, roomId: ROOM_ID }
    return room.join(JSON.stringify({ ...claims, nodeId: nodeIdSchema.parse('node-1') }), offerSdp)
  }

  /** Joins, and the audio path comes up. */
  async function enter(
    name: string,
    role: Role = 'listener',
  ): Promise<{ participant: Participant; link: FakeMediaLink }> {
    const { answerSdp } = await join(name, role)
    const link = transport.links.find((candidate) => candidate.answerSdp === answerSdp)
    if (!link) throw new Error('the answer belongs to no link')
    link.events.onConnected()
    await settle()
    return { participant: seat(name), link }
  }

  async function act(name: string, action: RoomAction): Promise<void> {
    await room.act(personId(name), action)
    await settle()
  }

  /** A person as the published copy has them. */
  function seat(name: string): Participant {
    const participant = copy().participants[name]
    if (!participant) throw new Error(`${name} is not in the room`)
    return participant
  }

  return {
    room,
    clock,
    transport,
    forwarder,
    studio,
    publications,
    manifests,
    trouble,
    copy,
    join,
    enter,
    act,
    seat,
    has: (name: string) => name in copy().participants,
    /** Down: what is published is lost. Up again: a welcome. */
    setLine: (up: boolean) => {
      const comesBack = up && !lineIsUp
      lineIsUp = up
      if (comesBack) room.publishWhole()
    },
    latestSnapshot: () => publications.findLast((publication) => publication.snapshot)?.snapshot ?? null,
  }
}

export type RoomHarness = ReturnType<typeof createRoomHarness>

export function applyPublication(state: RoomState, { body }: RoomPublication): RoomState {
  return body.type === 'state' ? body.state : applyRoomEvents(state, body.events)
}
