import type { Participant, RoomState } from '../../sfu-core/contract/state.ts'
import type { SessionState } from '../room-session/session-state.ts'

/** What is read aloud when something changes: a key of the locale's `announce`, with the name it speaks of. */
export interface Announcement {
  readonly key: AnnouncementKey
  readonly name: string
}

type AnnouncementKey =
  | 'connected'
  | 'lost'
  | 'back'
  | 'onStage'
  | 'offStage'
  | 'selfOnStage'
  | 'selfOffStage'
  | 'mutedByHost'
  | 'recordingStarted'
  | 'recordingStopped'
  | 'invited'
  | 'handRaised'
  | 'handDismissed'

/** What announcements are made from. */
export interface Heard {
  readonly phase: SessionState['phase']
  readonly people: RoomState
  readonly selfId: string | null
}

/** More than this at once is noise: a room that is entered names nobody. */
const NAMES_MAX = 3

/** What changed between two looks, in the order of importance. Pure. */
export function announcementsBetween(before: Heard, after: Heard): Announcement[] {
  const connection = connectionNews(before, after)
  if (after.phase !== 'connected') return connection
  const entered = before.phase === 'joining' || before.selfId === null || !hasSelf(before)
  return [
    ...connection,
    ...recordingNews(entered ? null : before.people, after.people),
    ...(entered ? [] : [...selfNews(selfOf(before), selfOf(after)), ...othersNews(before, after)]),
  ]
}

function connectionNews(before: Heard, after: Heard): Announcement[] {
  if (before.phase === after.phase) return []
  if (after.phase === 'connected') return [plain(before.phase === 'joining' ? 'connected' : 'back')]
  return after.phase === 'reconnecting' ? [plain('lost')] : []
}

function recordingNews(before: RoomState | null, after: RoomState): Announcement[] {
  const was = before?.recording?.takeId
  const is = after.recording?.takeId
  if (was === is) return []
  return [plain(is === undefined ? 'recordingStopped' : 'recordingStarted')]
}

function selfNews(before: Participant | null, after: Participant | null): Announcement[] {
  if (before === null || after === null) return []
  const news: Announcement[] = []
  if (!before.onStage && after.onStage) news.push(plain('selfOnStage'))
  if (before.onStage && !after.onStage) news.push(plain('selfOffStage'))
  if (before.mutedBy !== 'host' && after.mutedBy === 'host') news.push(plain('mutedByHost'))
  if (!before.invitedToStage && after.invitedToStage) news.push(plain('invited'))
  const dismissed = before.handRaisedAtMs !== null && after.handRaisedAtMs === null
  if (dismissed && !after.onStage && !after.invitedToStage) news.push(plain('handDismissed'))
  return news
}

function othersNews(before: Heard, after: Heard): Announcement[] {
  const moderating = selfOf(after)?.rank !== 'member'
  return Object.values(after.people.participants)
    .filter((person) => person.id !== after.selfId && person !== before.people.participants[person.id])
    .flatMap((person) => newsOf(before.people.participants[person.id], person))
    .filter(({ key }) => moderating || key !== 'handRaised')
    .slice(0, NAMES_MAX)
}

function newsOf(before: Participant | undefined, after: Participant): Announcement[] {
  const { name } = after
  const news: Announcement[] = []
  if (after.onStage && !before?.onStage) news.push({ key: 'onStage', name })
  if (!after.onStage && before?.onStage) news.push({ key: 'offStage', name })
  if (after.handRaisedAtMs !== null && !before?.handRaisedAtMs) news.push({ key: 'handRaised', name })
  return news
}

function hasSelf(heard: Heard): boolean {
  return selfOf(heard) !== null
}

function selfOf(heard: Heard): Participant | null {
  return heard.selfId === null ? null : (heard.people.participants[heard.selfId] ?? null)
}

const plain = (key: AnnouncementKey): Announcement => ({ key, name: '' })
