import type { RoomFeed, RoomView } from '../../server/contract/views.ts'
import { applyRoomEvents, EMPTY_ROOM_STATE } from '../../sfu-core/contract/apply-room-event.ts'
import type { ParticipantId } from '../../sfu-core/contract/ids.ts'
import type { RoomEvent, RoomState } from '../../sfu-core/contract/state.ts'
import { finalReason } from './final-reasons.ts'
import type { SessionEvent } from './session-events.ts'

/** The page's copy of the room, and which life of the room it is a copy of. */
export interface RoomCopy {
  readonly room: RoomView
  readonly people: RoomState
  readonly epoch: string | null
}

export function emptyCopy(room: RoomView): RoomCopy {
  return { room, people: { ...EMPTY_ROOM_STATE, audiencePacketMs: room.audiencePacketMs }, epoch: null }
}

export interface FeedStep {
  copy: RoomCopy
  /** What the news means for our own connection, in order. */
  events: SessionEvent[]
}

/** Takes one piece of news. Pure. `self` is our own seat. */
export function takeNews(copy: RoomCopy, news: { feed: RoomFeed; epoch: string | null; self: string }): FeedStep {
  const { feed, self } = news
  switch (feed.type) {
    case 'state': {
      const events = [...restarts(copy, news.epoch), { type: 'node', up: feed.nodeUp } as const]
      return { copy: { room: feed.room, people: feed.state, epoch: news.epoch ?? copy.epoch }, events }
    }
    case 'events': {
      const people = applyRoomEvents(copy.people, feed.events)
      const events = [...restarts(copy, news.epoch), ...feed.events.flatMap((event) => ownEnd(event, self))]
      return { copy: { ...copy, people, epoch: news.epoch ?? copy.epoch }, events }
    }
    case 'node':
      return { copy: { ...copy, room: { ...copy.room, nodeUp: feed.up } }, events: [{ type: 'node', up: feed.up }] }
    case 'ended':
      return { copy, events: [{ type: 'expelled', reason: feed.reason }] }
  }
}

function restarts(copy: RoomCopy, epoch: string | null): SessionEvent[] {
  const restarted = copy.epoch !== null && epoch !== null && epoch !== copy.epoch
  return restarted ? [{ type: 'seat-lost' }] : []
}

/** The room is gone, or our own seat: for good, or so that we must take it anew. */
function ownEnd(event: RoomEvent, self: string): SessionEvent[] {
  if (event.type === 'ended') return [{ type: 'expelled', reason: event.reason }]
  if (event.type !== 'left' || event.participantId !== (self as ParticipantId)) return []
  if (event.reason === 'left') return []
  const forGood = finalReason(event.reason, true) !== null
  return forGood ? [{ type: 'expelled', reason: event.reason }] : [{ type: 'seat-lost' }]
}
