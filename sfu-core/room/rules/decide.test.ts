import { describe, expect, test } from 'vitest'
import type { RoomAction, RoomActionType } from '../../contract/actions.ts'
import { type ParticipantId, takeIdSchema } from '../../contract/ids.ts'
import { STAGE_MAX_PEOPLE } from '../../contract/limits.ts'
import { type ReasonCode, Refusal } from '../../contract/reasons.ts'
import type { Participant } from '../../contract/state.ts'
import { person, personId } from '../../test/people.ts'
import { decide } from './decide.ts'
import type { RoomView } from './room-view.ts'

const NOW_MS = 1_000
const TAKE = { takeId: takeIdSchema.parse('take-new'), startedAtMs: NOW_MS }
const RUNNING = { takeId: takeIdSchema.parse('take-1'), startedAtMs: 1 }

const host = person('host', 1, { rank: 'host', onStage: true })
const coHost = person('co-host', 2, { rank: 'co-host', onStage: true })
const speaker = person('speaker', 3, { onStage: true })
const listener = person('listener', 4)

function roomOf(people: Participant[], recorded = false): RoomView {
  const participants = new Map<ParticipantId, Participant>(people.map((participant) => [participant.id, participant]))
  const recording = recorded ? RUNNING : null
  return { participants, removed: new Set(), recording, audiencePacketMs: 60, nextNumber: people.length + 1 }
}

const everybody = roomOf([host, coHost, speaker, listener])
const recorded = roomOf([{ ...host, recordingConsent: true }, coHost, speaker, listener], true)

function act(room: RoomView, actor: string, action: RoomAction) {
  return decide(room, { actorId: personId(actor), action, nowMs: NOW_MS, take: TAKE })
}

/** The person as the decision leaves them; a refusal's code; or that nothing changes. */
function leaves(
  room: RoomView,
  actor: string,
  action: RoomAction,
  about = actor,
): Participant | ReasonCode | 'gone' | 'same' {
  const decision = act(room, actor, action)
  if (decision instanceof Refusal) return decision.code
  const event = decision.events.findLast((candidate) =>
    candidate.type === 'participant' ? candidate.participant.id === about : candidate.type === 'left',
  )
  if (event?.type === 'left') return 'gone'
  return event?.type === 'participant' ? event.participant : 'same'
}

function to(name: string): { participantId: ParticipantId } {
  return { participantId: personId(name) }
}

const invite = (participant: Participant) => ({ ...participant, invitedToStage: true })
const hand = (participant: Participant, consent = false) => ({
  ...participant,
  handRaisedAtMs: 500,
  recordingConsent: consent,
})

describe('every role and every action', () => {
  type Expected = 'ok' | 'same' | ReasonCode
  type Row = [host: Expected, coHost: Expected, speaker: Expected, listener: Expected]
  const ROLES = ['host', 'co-host', 'speaker', 'listener'] as const
  const all = (expected: Expected): Row => [expected, expected, expected, expected]
  const hostsOnly = (expected: Expected): Row => [expected, expected, 'not-allowed', 'not-allowed']

  /** In a room without a recording; actions about somebody are about the listener. */
  const OPEN: Record<RoomActionType, [RoomAction, Row]> = {
    'raise-hand': [
      { type: 'raise-hand', recordingConsent: false },
      ['nothing-to-do', 'nothing-to-do', 'nothing-to-do', 'ok'],
    ],
    'lower-hand': [{ type: 'lower-hand' }, all('same')],
    'set-muted': [{ type: 'set-muted', muted: true }, ['ok', 'ok', 'ok', 'not-on-stage']],
    'accept-stage': [{ type: 'accept-stage', recordingConsent: false }, all('nothing-to-do')],
    'decline-stage': [{ type: 'decline-stage' }, all('nothing-to-do')],
    'leave-stage': [{ type: 'leave-stage' }, ['ok', 'ok', 'ok', 'not-on-stage']],
    'answer-recording': [{ type: 'answer-recording', agree: true }, all('nothing-to-do')],
    leave: [{ type: 'leave' }, all('ok')],
    'bring-on-stage': [{ type: 'bring-on-stage', ...to('listener') }, hostsOnly('ok')],
    'move-to-audience': [{ type: 'move-to-audience', ...to('listener') }, hostsOnly('same')],
    mute: [{ type: 'mute', ...to('listener') }, hostsOnly('not-on-stage')],
    'dismiss-hand': [{ type: 'dismiss-hand', ...to('listener') }, hostsOnly('same')],
    remove: [{ type: 'remove', ...to('listener') }, hostsOnly('ok')],
    'start-recording': [{ type: 'start-recording' }, hostsOnly('ok')],
    'stop-recording': [{ type: 'stop-recording' }, hostsOnly('nothing-to-do')],
    'set-audience-packet': [{ type: 'set-audience-packet', audiencePacketMs: 20 }, hostsOnly('ok')],
  }
  /** What differs while a recording runs. */
  const RECORDED: Partial<typeof OPEN> = {
    'answer-recording': [{ type: 'answer-recording', agree: true }, ['same', 'ok', 'ok', 'not-on-stage']],
    'start-recording': [{ type: 'start-recording' }, hostsOnly('nothing-to-do')],
    'stop-recording': [{ type: 'stop-recording' }, hostsOnly('ok')],
  }

  function outcome(room: RoomView, actor: string, action: RoomAction): Expected {
    const decision = act(room, actor, action)
    if (decision instanceof Refusal) return decision.code
    return decision.events.length === 0 ? 'same' : 'ok'
  }

  const rows = (table: Partial<typeof OPEN>) =>
    Object.values(table).flatMap(([action, row]) =>
      ROLES.map((role, index) => ({ role, type: action.type, action, expected: row[index] })),
    )

  test.each(rows(OPEN))('R10 R40 R50: $role, $type: $expected', ({ role, action, expected }) => {
    expect(outcome(everybody, role, action)).toBe(expected)
  })

  test.each(rows({ ...OPEN, ...RECORDED }))(
    'R10 R60 R63: recorded: $role, $type: $expected',
    ({ role, action, expected }) => {
      expect(outcome(recorded, role, action)).toBe(expected)
    },
  )

  test.each(ROLES)('R11: %s can do nothing to somebody without a seat', (role) => {
    const expected = role === 'host' || role === 'co-host' ? 'not-in-room' : 'not-allowed'
    expect(leaves(everybody, role, { type: 'mute', ...to('nobody') })).toBe(expected)
  })

  test.each(rows(OPEN))('R11: without a seat: $type', ({ action }) => {
    expect(leaves(everybody, 'nobody', action)).toBe('not-in-room')
  })

  const ABOUT = ['host', 'co-host', 'speaker', 'listener'] as const
  type About = Extract<RoomAction, { participantId: ParticipantId }>['type']
  const TO_WHOM: Record<About, Record<'host' | 'co-host', Expected[]>> = {
    'bring-on-stage': {
      host: ['nothing-to-do', 'nothing-to-do', 'nothing-to-do', 'ok'],
      'co-host': ['nothing-to-do', 'nothing-to-do', 'nothing-to-do', 'ok'],
    },
    'move-to-audience': { host: ['ok', 'ok', 'ok', 'same'], 'co-host': ['not-allowed', 'ok', 'ok', 'same'] },
    mute: { host: ['ok', 'ok', 'ok', 'not-on-stage'], 'co-host': ['ok', 'ok', 'ok', 'not-on-stage'] },
    'dismiss-hand': { host: ['same', 'same', 'same', 'same'], 'co-host': ['same', 'same', 'same', 'same'] },
    remove: { host: ['not-allowed', 'ok', 'ok', 'ok'], 'co-host': ['not-allowed', 'not-allowed', 'ok', 'ok'] },
  }
  const pairs = Object.entries(TO_WHOM).flatMap(([type, byRole]) =>
    Object.entries(byRole).flatMap(([role, row]) =>
      ABOUT.map((about, index) => ({ role, type: type as About, about, expected: row[index] })),
    ),
  )
  test.each(pairs)('R25 R30 R44 R52 R102 R103: $role, $type, $about: $expected', ({ role, type, about, expected }) => {
    expect(outcome(everybody, role, { type, ...to(about) })).toBe(expected)
  })
})

describe('stage', () => {
  test('R22: a raised hand comes on stage at once, unmuted, hand down', () => {
    const room = roomOf([host, hand(listener)])
    expect(leaves(room, 'host', { type: 'bring-on-stage', ...to('listener') }, 'listener')).toEqual({
      ...listener,
      onStage: true,
    })
  })

  test('R23: without a raised hand they are invited', () => {
    expect(leaves(everybody, 'host', { type: 'bring-on-stage', ...to('listener') }, 'listener')).toEqual(
      invite(listener),
    )
  })

  test('R24: a raised hand without consent is asked first in a recorded room', () => {
    const room = roomOf([host, hand(listener)], true)
    expect(leaves(room, 'host', { type: 'bring-on-stage', ...to('listener') }, 'listener')).toEqual(invite(listener))
  })

  test('R22 R42: a raised hand with consent comes on stage in a recorded room', () => {
    const room = roomOf([host, hand(listener, true)], true)
    expect(leaves(room, 'host', { type: 'bring-on-stage', ...to('listener') }, 'listener')).toEqual({
      ...listener,
      onStage: true,
      recordingConsent: true,
    })
  })

  test('R25: a host in the audience brings themselves on stage; in a recorded room they are asked', () => {
    const below = { ...host, onStage: false }
    expect(leaves(roomOf([below]), 'host', { type: 'bring-on-stage', ...to('host') })).toEqual(host)
    expect(leaves(roomOf([below], true), 'host', { type: 'bring-on-stage', ...to('host') })).toEqual(invite(below))
  })

  test('R26: an invitation is accepted or declined', () => {
    const room = roomOf([invite(listener)])
    expect(leaves(room, 'listener', { type: 'accept-stage', recordingConsent: false })).toEqual({
      ...listener,
      onStage: true,
    })
    expect(leaves(room, 'listener', { type: 'decline-stage' })).toEqual(listener)
  })

  test('R26 R42: consent means nothing where no recording runs', () => {
    const room = roomOf([invite(listener)])
    expect(leaves(room, 'listener', { type: 'accept-stage', recordingConsent: true })).toEqual({
      ...listener,
      onStage: true,
    })
  })

  test('R27: accepting in a recorded room needs consent', () => {
    const room = roomOf([invite(listener)], true)
    expect(leaves(room, 'listener', { type: 'accept-stage', recordingConsent: false })).toBe('consent-needed')
    expect(leaves(room, 'listener', { type: 'accept-stage', recordingConsent: true })).toEqual({
      ...listener,
      onStage: true,
      recordingConsent: true,
    })
  })

  test('R27 R66: consent that was given earlier in the take is enough', () => {
    const room = roomOf([{ ...invite(listener), recordingConsent: true }], true)
    expect(leaves(room, 'listener', { type: 'accept-stage', recordingConsent: false })).toMatchObject({ onStage: true })
  })

  test('R20: nobody comes on a full stage, by hand, invitation or acceptance', () => {
    const stage = Array.from({ length: STAGE_MAX_PEOPLE - 1 }, (_, index) =>
      person(`s${index}`, index + 10, { onStage: true }),
    )
    const full = roomOf([host, ...stage, hand(listener), invite(person('invited', 5)), person('other', 6)])
    expect(leaves(full, 'host', { type: 'bring-on-stage', ...to('listener') })).toBe('stage-full')
    expect(leaves(full, 'host', { type: 'bring-on-stage', ...to('other') })).toBe('stage-full')
    expect(leaves(full, 'invited', { type: 'accept-stage', recordingConsent: false })).toBe('stage-full')
  })

  test('R20: pending invitations do not count', () => {
    const stage = Array.from({ length: STAGE_MAX_PEOPLE - 2 }, (_, index) =>
      person(`s${index}`, index + 10, { onStage: true }),
    )
    const room = roomOf([host, ...stage, invite(person('invited', 5)), hand(listener)])
    expect(leaves(room, 'host', { type: 'bring-on-stage', ...to('listener') }, 'listener')).toMatchObject({
      onStage: true,
    })
  })

  test.each([
    ['R28 R29: leaving the stage', 'speaker', { type: 'leave-stage' }],
    ['R29 R30: being moved', 'host', { type: 'move-to-audience', ...to('speaker') }],
  ] as [string, string, RoomAction][])('%s leaves the mute behind', (_title, actor, action) => {
    const muted = { ...speaker, muted: true, mutedBy: 'host' as const }
    expect(leaves(roomOf([host, muted]), actor, action, 'speaker')).toEqual({ ...speaker, onStage: false })
  })

  test('R30: the host may move themselves', () => {
    expect(leaves(everybody, 'host', { type: 'move-to-audience', ...to('host') })).toMatchObject({ onStage: false })
  })

  test('R31: an invitation is taken back', () => {
    const room = roomOf([host, invite(listener)])
    expect(leaves(room, 'host', { type: 'move-to-audience', ...to('listener') }, 'listener')).toEqual(listener)
  })
})

describe('hands', () => {
  test('R40: a hand goes up at the time it was raised', () => {
    expect(leaves(everybody, 'listener', { type: 'raise-hand', recordingConsent: false })).toEqual({
      ...listener,
      handRaisedAtMs: NOW_MS,
    })
  })

  test('R41: raising it again keeps the place in the queue', () => {
    const room = roomOf([hand(listener)])
    expect(leaves(room, 'listener', { type: 'raise-hand', recordingConsent: false })).toBe('same')
  })

  test('R41 R42: consent may be added to a raised hand', () => {
    const room = roomOf([hand(listener)], true)
    expect(leaves(room, 'listener', { type: 'raise-hand', recordingConsent: true })).toEqual(hand(listener, true))
  })

  test('R42: consent with the hand counts only while a take runs', () => {
    expect(leaves(everybody, 'listener', { type: 'raise-hand', recordingConsent: true })).toMatchObject({
      recordingConsent: false,
    })
    expect(leaves(recorded, 'listener', { type: 'raise-hand', recordingConsent: true })).toMatchObject({
      recordingConsent: true,
    })
  })

  test('R43 R44: a hand is lowered by its owner or dismissed by a host', () => {
    const room = roomOf([host, hand(listener)])
    expect(leaves(room, 'listener', { type: 'lower-hand' })).toEqual(listener)
    expect(leaves(room, 'host', { type: 'dismiss-hand', ...to('listener') }, 'listener')).toEqual(listener)
  })
})

describe('mute', () => {
  const mutedBy = (by: 'self' | 'host') => ({ ...speaker, muted: true, mutedBy: by })

  test('R50: one mutes and unmutes oneself', () => {
    expect(leaves(everybody, 'speaker', { type: 'set-muted', muted: true })).toEqual(mutedBy('self'))
    expect(leaves(roomOf([mutedBy('self')]), 'speaker', { type: 'set-muted', muted: false })).toEqual(speaker)
    expect(leaves(everybody, 'speaker', { type: 'set-muted', muted: false })).toBe('same')
  })

  test('R52: a host mutes others as host, and themselves as self', () => {
    expect(leaves(everybody, 'host', { type: 'mute', ...to('speaker') }, 'speaker')).toEqual(mutedBy('host'))
    expect(leaves(everybody, 'host', { type: 'mute', ...to('host') })).toMatchObject({ muted: true, mutedBy: 'self' })
  })

  test('R53: who muted first stays named', () => {
    expect(leaves(roomOf([host, mutedBy('self')]), 'host', { type: 'mute', ...to('speaker') }, 'speaker')).toBe('same')
    expect(leaves(roomOf([mutedBy('host')]), 'speaker', { type: 'set-muted', muted: true })).toBe('same')
  })

  test('R54: out of a host’s mute one comes by saying so', () => {
    expect(leaves(roomOf([mutedBy('host')]), 'speaker', { type: 'set-muted', muted: false })).toEqual(speaker)
  })
})

describe('recording', () => {
  test('R60 R61: starting it asks everybody anew but the starter', () => {
    const stale = roomOf([host, { ...speaker, recordingConsent: true }])
    const decision = act(stale, 'host', { type: 'start-recording' })
    expect(decision).toEqual({
      events: [
        { type: 'participant', participant: { ...host, recordingConsent: true } },
        { type: 'participant', participant: speaker },
        { type: 'recording', recording: TAKE },
      ],
    })
  })

  test('R63: stopping it ends everybody’s consent', () => {
    expect(act(recorded, 'co-host', { type: 'stop-recording' })).toEqual({
      events: [
        { type: 'participant', participant: host },
        { type: 'recording', recording: null },
      ],
    })
  })

  test('R64: agreeing', () => {
    expect(leaves(recorded, 'speaker', { type: 'answer-recording', agree: true })).toEqual({
      ...speaker,
      recordingConsent: true,
    })
  })

  test('R65: declining moves to the audience, but not the host', () => {
    expect(leaves(recorded, 'speaker', { type: 'answer-recording', agree: false })).toEqual({
      ...speaker,
      onStage: false,
    })
    expect(leaves(recorded, 'co-host', { type: 'answer-recording', agree: false })).toEqual({
      ...coHost,
      onStage: false,
    })
    expect(leaves(recorded, 'host', { type: 'answer-recording', agree: false })).toEqual(host)
  })

  test('R65: consent may be taken back', () => {
    const room = roomOf([{ ...speaker, recordingConsent: true }], true)
    expect(leaves(room, 'speaker', { type: 'answer-recording', agree: false })).toEqual({ ...speaker, onStage: false })
  })

  test('R66: leaving the stage keeps consent', () => {
    const room = roomOf([{ ...speaker, recordingConsent: true }], true)
    expect(leaves(room, 'speaker', { type: 'leave-stage' })).toMatchObject({ onStage: false, recordingConsent: true })
  })
})

describe('sound for listeners', () => {
  test('R90: hosts choose it, and asking for what is so changes nothing', () => {
    expect(act(everybody, 'co-host', { type: 'set-audience-packet', audiencePacketMs: 120 })).toEqual({
      events: [{ type: 'audience-packet', audiencePacketMs: 120 }],
    })
    expect(act(everybody, 'host', { type: 'set-audience-packet', audiencePacketMs: 60 })).toEqual({ events: [] })
  })
})

describe('leaving and removing', () => {
  test('R100 R101: anybody may leave, the host too', () => {
    expect(act(everybody, 'listener', { type: 'leave' })).toEqual({
      events: [{ type: 'left', participantId: 'listener', reason: 'left' }],
    })
    expect(leaves(everybody, 'host', { type: 'leave' })).toBe('gone')
  })

  test('R104: a removed person leaves with that reason', () => {
    expect(act(everybody, 'co-host', { type: 'remove', ...to('speaker') })).toEqual({
      events: [{ type: 'left', participantId: 'speaker', reason: 'removed' }],
    })
  })
})
