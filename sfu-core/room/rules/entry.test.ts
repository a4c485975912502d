import { expect, test } from 'vitest'
import type { ParticipantId } from '../../contract/ids.ts'
import { ROOM_MAX_PARTICIPANTS, STAGE_MAX_PEOPLE } from '../../contract/limits.ts'
import { Refusal } from '../../contract/reasons.ts'
import type { Participant } from '../../contract/state.ts'
import type { Role } from '../../contract/token.ts'
import { person, personId } from '../../test/people.ts'
import { enter } from './entry.ts'
import type { RoomView } from './room-view.ts'

function roomOf(people: Participant[], removed: ParticipantId[] = []): RoomView {
  const participants = new Map<ParticipantId, Participant>(people.map((participant) => [participant.id, participant]))
  return { participants, removed: new Set(removed), recording: null, audiencePacketMs: 60, nextNumber: 77 }
}

function entering(room: RoomView, role: Role, options: { name?: string; comingCount?: number } = {}) {
  const entrant = { participantId: personId('ann'), role, name: options.name ?? 'Ann', guest: true }
  const decision = enter(room, entrant, options.comingCount)
  if (decision instanceof Refusal) return decision.code
  const [event] = decision.events
  return event?.type === 'participant' ? event.participant : event
}

const ANN = person('ann', 77, { name: 'Ann', guest: true, connected: false })

test.each([
  ['host', 'host', true],
  ['co-host', 'co-host', true],
  ['speaker', 'member', true],
  ['listener', 'member', false],
] as const)('R1 R2 R4: a %s enters as %s, on stage: %s', (role, rank, onStage) => {
  expect(entering(roomOf([]), role)).toEqual({ ...ANN, rank, onStage })
})

test('R3: with a full stage one enters in the audience', () => {
  const stage = Array.from({ length: STAGE_MAX_PEOPLE }, (_, index) =>
    person(`s${index}`, index + 1, { onStage: true }),
  )
  expect(entering(roomOf(stage), 'co-host')).toEqual({ ...ANN, rank: 'co-host' })
})

test('R5: a removed person is refused, whatever the role', () => {
  expect(entering(roomOf([], [personId('ann')]), 'host')).toBe('removed')
})

test('R6: a full room refuses newcomers, but not the host and not those who have a seat', () => {
  const people = Array.from({ length: ROOM_MAX_PARTICIPANTS - 1 }, (_, index) => person(`p${index}`, index + 1))
  expect(entering(roomOf(people), 'listener', { comingCount: 0 })).toEqual(ANN)
  expect(entering(roomOf(people), 'listener', { comingCount: 1 })).toBe('room-full')
  const full = [...people, person('last', 9_000)]
  expect(entering(roomOf(full), 'speaker')).toBe('room-full')
  expect(entering(roomOf(full), 'host')).toMatchObject({ rank: 'host' })
  expect(entering(roomOf([...people, person('ann', 5)]), 'listener')).toMatchObject({ number: 5 })
})

test('R80 R81: whoever comes back keeps the seat; name and rank come from the token', () => {
  const seat = person('ann', 5, { onStage: true, muted: true, mutedBy: 'host', recordingConsent: true })
  expect(entering(roomOf([seat]), 'co-host', { name: 'Ann B.' })).toEqual({
    ...seat,
    name: 'Ann B.',
    guest: true,
    rank: 'co-host',
    connected: false,
  })
})
