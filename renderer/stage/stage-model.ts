import type { Participant, RoomState } from '../../sfu-core/contract/state.ts'

/** The people of a room, sorted into the places where the screen shows them. */
export interface StageModel {
  readonly me: Participant | null
  /** Hosts first, then in the order they came. */
  readonly speakers: readonly Participant[]
  /** In the order they came; without those whose connection is down. */
  readonly audience: readonly Participant[]
  /** Raised hands, the longest waiting first. */
  readonly hands: readonly Participant[]
  /** May keep order: host or co-host. */
  readonly moderating: boolean
  readonly hosting: boolean
}

const RANK_ORDER = { host: 0, 'co-host': 1, member: 2 } as const

/** Pure. */
export function stageModel(people: RoomState, selfId: string | null): StageModel {
  const all = Object.values(people.participants).sort((a, b) => a.number - b.number)
  const me = selfId === null ? null : (people.participants[selfId] ?? null)
  return {
    me,
    speakers: all.filter((one) => one.onStage).sort((a, b) => RANK_ORDER[a.rank] - RANK_ORDER[b.rank]),
    audience: all.filter((one) => !one.onStage && (one.connected || one.id === selfId)),
    hands: handQueue(all),
    moderating: me !== null && me.rank !== 'member',
    hosting: me?.rank === 'host',
  }
}

function handQueue(people: readonly Participant[]): Participant[] {
  return people
    .filter((one) => one.handRaisedAtMs !== null)
    .sort((a, b) => (a.handRaisedAtMs ?? 0) - (b.handRaisedAtMs ?? 0))
}

/** On stage while a recording runs, without having agreed to it. */
export function notAgreed(people: RoomState): Participant[] {
  if (people.recording === null) return []
  return Object.values(people.participants).filter((one) => one.onStage && !one.recordingConsent)
}

/** What somebody must be asked before anything else, if anything. */
export type Question =
  | { readonly ask: 'invitation'; readonly recorded: boolean }
  /** `takeId`: each recording is asked for once. */
  | { readonly ask: 'recording-started'; readonly takeId: string }

/** Pure. */
export function openQuestion(people: RoomState, me: Participant | null): Question | null {
  if (me === null) return null
  if (!me.onStage) return me.invitedToStage ? { ask: 'invitation', recorded: people.recording !== null } : null
  if (people.recording === null || me.recordingConsent) return null
  return { ask: 'recording-started', takeId: people.recording.takeId }
}

export type PersonAction = 'bring' | 'invite' | 'mute' | 'audience' | 'remove'

/** What a host or co-host may do with somebody (SPEC.md R10, R22 to R30, R52, R102, R103). Pure. */
export function actionsFor(person: Participant, me: Participant | null): PersonAction[] {
  if (me === null || me.rank === 'member' || person.id === me.id) return []
  const actions: PersonAction[] = []
  if (!person.onStage) actions.push(person.handRaisedAtMs === null ? 'invite' : 'bring')
  if (person.onStage && !person.muted) actions.push('mute')
  if (person.onStage && person.rank !== 'host') actions.push('audience')
  if (person.rank !== 'host') actions.push('remove')
  return actions.filter((action) => action !== 'invite' || !person.invitedToStage)
}
