import { expect, test } from 'vitest'
import { applyRoomEvent, applyRoomEvents, EMPTY_ROOM_STATE } from './apply-room-event.ts'
import { participantIdSchema, takeIdSchema } from './ids.ts'
import type { Participant, RoomEvent, RoomState } from './state.ts'

const personId = (name: string) => participantIdSchema.parse(name)
const person = (name: string, number: number): Participant => ({
  id: personId(name),
  number,
  name,
  guest: false,
  rank: 'member',
  onStage: false,
  muted: false,
  mutedBy: null,
  handRaisedAtMs: null,
  invitedToStage: false,
  recordingConsent: false,
  connected: true,
})

const came = (name: string, number: number): RoomEvent => ({ type: 'participant', participant: person(name, number) })
const left = (name: string): RoomEvent => ({ type: 'left', participantId: personId(name), reason: 'left' })
const recording: RoomEvent = {
  type: 'recording',
  recording: { takeId: takeIdSchema.parse('t1'), startedAtMs: 1 },
}
const room: RoomState = applyRoomEvents(EMPTY_ROOM_STATE, [came('ann', 1), came('bob', 2)])

test('the events of a publication do together what they do one after the other', () => {
  const events = [came('cid', 3), left('ann'), recording, came('bob', 9), left('nobody'), left('cid'), came('ann', 10)]
  const state = applyRoomEvents(room, events)
  expect(state).toEqual(events.reduce(applyRoomEvent, room))
  expect(state).toEqual({
    participants: { bob: person('bob', 9), ann: person('ann', 10) },
    recording: { takeId: 't1', startedAtMs: 1 },
    audiencePacketMs: 60,
  })
})

test('the sound for listeners is followed', () => {
  const state = applyRoomEvent(room, { type: 'audience-packet', audiencePacketMs: 20 })
  expect(state).toEqual({ ...room, audiencePacketMs: 20 })
  expect(applyRoomEvent(state, { type: 'audience-packet', audiencePacketMs: 20 })).toBe(state)
})

test('the state before stays as it was, and is the state after where nothing changed', () => {
  const before = JSON.parse(JSON.stringify(room))
  applyRoomEvents(room, [came('cid', 3), left('ann')])
  expect(room).toEqual(before)
  expect(applyRoomEvents(room, [left('nobody')])).toBe(room)
  expect(applyRoomEvents(room, [])).toBe(room)
  expect(applyRoomEvents(room, [recording]).participants).toBe(room.participants)
})

test('an end leaves nobody, and what follows counts', () => {
  const end: RoomEvent = { type: 'ended', reason: 'room-ended' }
  expect(applyRoomEvents(room, [recording, end])).toEqual(EMPTY_ROOM_STATE)
  expect(Object.keys(applyRoomEvents(room, [end, came('cid', 3)]).participants)).toEqual(['cid'])
})

test('a publication of 100 events copied a room of 2,000 a hundred times: now once', () => {
  let reads = 0
  const participants = new Proxy(
    Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`p${n}`, person(`p${n}`, n + 1)])),
    {
      ownKeys: (target) => {
        reads += 1
        return Reflect.ownKeys(target)
      },
    },
  )
  const events = Array.from({ length: 100 }, (_, n) => came(`new${n}`, 3_000 + n))
  expect(Object.keys(applyRoomEvents({ ...EMPTY_ROOM_STATE, participants }, events).participants)).toHaveLength(2_100)
  expect(reads).toBe(1)
})

test('an id that is a name of every object is an id like others', () => {
  const state = applyRoomEvents(room, [came('__proto__', 3)])
  expect(Object.keys(state.participants)).toEqual(['ann', 'bob', '__proto__'])
  expect(applyRoomEvents(room, [left('constructor')])).toBe(room)
})
