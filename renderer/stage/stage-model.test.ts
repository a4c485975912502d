import { describe, expect, it } from 'vitest'
import { takeIdSchema } from '../../sfu-core/contract/ids.ts'
import type { Participant, RoomState } from '../../sfu-core/contract/state.ts'
import { person, SELF_ID } from '../room-session/test/fakes.ts'
import { type Announcement, announcementsBetween, type Heard } from './announcements.ts'
import { actionsFor, notAgreed, openQuestion, stageModel } from './stage-model.ts'

const RECORDING = { takeId: takeIdSchema.parse('take1'), startedAtMs: 5 }

function other(number: number, change: Partial<Participant> = {}): Participant {
  return person({ id: `p${number}` as Participant['id'], number, name: `P${number}`, ...change })
}

function room(people: Participant[], recording: RoomState['recording'] = null): RoomState {
  return { participants: Object.fromEntries(people.map((one) => [one.id, one])), recording, audiencePacketMs: 60 }
}

describe('places', () => {
  it('sorts the stage by rank, the audience by arrival, the hands by waiting time', () => {
    const people = room([
      other(9, { onStage: true }),
      other(4, { onStage: true, rank: 'host' }),
      other(3, { handRaisedAtMs: 20 }),
      other(2, { handRaisedAtMs: 30 }),
      person(),
    ])
    const model = stageModel(people, SELF_ID)
    expect(model.speakers.map(({ number }) => number)).toEqual([4, 9])
    expect(model.audience.map(({ number }) => number)).toEqual([2, 3, 7])
    expect(model.hands.map(({ number }) => number)).toEqual([3, 2])
    expect(model.me?.number).toBe(7)
  })

  it('does not list listeners whose connection is down, but keeps speakers', () => {
    const gone = { connected: false }
    const model = stageModel(room([other(1, gone), other(2, { ...gone, onStage: true })]), SELF_ID)
    expect([model.audience.length, model.speakers.length]).toEqual([0, 1])
  })
})

describe('questions', () => {
  it('asks about an invitation, and says that the room is recorded', () => {
    const me = person({ invitedToStage: true })
    expect(openQuestion(room([me]), me)).toEqual({ ask: 'invitation', recorded: false })
    expect(openQuestion(room([me], RECORDING), me)).toEqual({ ask: 'invitation', recorded: true })
  })

  it('asks people on stage once a recording starts, and nobody who agreed or listens', () => {
    const onStage = person({ onStage: true })
    expect(openQuestion(room([onStage], RECORDING), onStage)).toEqual({ ask: 'recording-started', takeId: 'take1' })
    expect(openQuestion(room([], RECORDING), person({ onStage: true, recordingConsent: true }))).toBeNull()
    expect(openQuestion(room([], RECORDING), person())).toBeNull()
  })

  it('names those who have not agreed', () => {
    const people = [other(1, { onStage: true }), other(2, { onStage: true, recordingConsent: true }), other(3)]
    expect(notAgreed(room(people, RECORDING)).map(({ number }) => number)).toEqual([1])
    expect(notAgreed(room(people))).toEqual([])
  })
})

describe('what a host may do', () => {
  const host = person({ rank: 'host', onStage: true })
  it.each([
    [other(1), ['invite', 'remove']],
    [other(1, { invitedToStage: true }), ['remove']],
    [other(1, { handRaisedAtMs: 1 }), ['bring', 'remove']],
    [other(1, { onStage: true }), ['mute', 'audience', 'remove']],
    [other(1, { onStage: true, muted: true, rank: 'co-host' }), ['audience', 'remove']],
    [host, []],
  ])('%#', (one, actions) => {
    expect(actionsFor(one, host)).toEqual(actions)
  })
  it('a co-host neither moves nor removes the host', () => {
    expect(actionsFor(other(1, { rank: 'host', onStage: true }), person({ rank: 'co-host' }))).toEqual(['mute'])
  })
  it('members do nothing', () => {
    expect(actionsFor(other(1), person())).toEqual([])
  })
})

describe('what is read aloud', () => {
  const heard = (people: Participant[], change: Partial<Heard> = {}): Heard => ({
    phase: 'connected',
    people: room(people),
    selfId: SELF_ID,
    ...change,
  })
  const said = (before: Heard, after: Heard): string[] =>
    announcementsBetween(before, after).map(({ key, name }: Announcement) => (name === '' ? key : `${key} ${name}`))

  it('names nobody on entering, but tells that the room is recorded', () => {
    const entered = heard([person(), other(1, { onStage: true })], {
      people: room([person(), other(1, { onStage: true })], RECORDING),
    })
    expect(said({ ...entered, phase: 'joining' }, entered)).toEqual(['connected', 'recordingStarted'])
  })

  it('tells who comes on stage and goes', () => {
    const before = heard([person(), other(1)])
    const after = heard([person(), other(1, { onStage: true })])
    expect(said(before, after)).toEqual(['onStage P1'])
    expect(said(after, before)).toEqual(['offStage P1'])
  })

  it('tells us what happens to us', () => {
    const onStage = heard([person({ onStage: true })])
    expect(said(heard([person({ handRaisedAtMs: 4 })]), onStage)).toEqual(['selfOnStage'])
    expect(said(onStage, heard([person({ onStage: true, muted: true, mutedBy: 'host' })]))).toEqual(['mutedByHost'])
    expect(said(heard([person()]), heard([person({ invitedToStage: true })]))).toEqual(['invited'])
    expect(said(heard([person({ handRaisedAtMs: 4 })]), heard([person()]))).toEqual(['handDismissed'])
  })

  it('tells hands to those who keep order only', () => {
    const raised = other(1, { handRaisedAtMs: 4 })
    expect(said(heard([person(), other(1)]), heard([person(), raised]))).toEqual([])
    const host = person({ rank: 'host' })
    expect(said(heard([host, other(1)]), heard([host, raised]))).toEqual(['handRaised P1'])
  })

  it('tells that the connection was lost and is back', () => {
    const people = [person()]
    expect(said(heard(people), heard(people, { phase: 'reconnecting' }))).toEqual(['lost'])
    expect(said(heard(people, { phase: 'reconnecting' }), heard(people))).toEqual(['back'])
  })
})
