import { participantIdSchema, roomIdSchema } from '../../sfu-core/contract/ids.ts'
import type { RoomPublication } from '../../sfu-core/contract/node-protocol.ts'
import { EMPTY_ROOM_STATE, type Participant, type RoomEvent } from '../../sfu-core/contract/state.ts'
import type { RoomRecord } from './room-record.ts'

/** Small rooms and people for tests. */

const ROOM_ID = roomIdSchema.parse('room1')

export function aRecord(change: Partial<RoomRecord> = {}): RoomRecord {
  return {
    roomId: ROOM_ID,
    hostId: 'user1',
    hostName: 'Host',
    title: 'A room',
    description: '',
    visibility: 'public',
    hosting: 'relay',
    recordingsKept: 'server',
    status: 'live',
    nodeId: null,
    inviteCode: 'secret-code',
    audiencePacketMs: 60,
    createdAtMs: 1,
    liveSinceMs: 2,
    endedAtMs: null,
    snapshot: null,
    ...change,
  }
}

export function person(id: string, change: Partial<Participant> = {}): Participant {
  return {
    id: participantIdSchema.parse(id),
    number: 1,
    name: id,
    guest: true,
    rank: 'member',
    onStage: false,
    muted: false,
    mutedBy: null,
    handRaisedAtMs: null,
    invitedToStage: false,
    recordingConsent: false,
    connected: true,
    ...change,
  }
}

export function state(seq: number, people: Participant[], roomId = ROOM_ID): RoomPublication {
  const participants = Object.fromEntries(people.map((one) => [one.id, one]))
  return { roomId, epoch: 'e1', seq, body: { type: 'state', state: { ...EMPTY_ROOM_STATE, participants } } }
}

export function events(seq: number, list: RoomEvent[], roomId = ROOM_ID): RoomPublication {
  return { roomId, epoch: 'e1', seq, body: { type: 'events', events: list } }
}
