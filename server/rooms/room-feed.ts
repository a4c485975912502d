import type { ParticipantId } from '../../sfu-core/contract/ids.ts'
import type { RoomEvent } from '../../sfu-core/contract/state.ts'
import type { RoomFeed } from '../contract/views.ts'
import type { LiveRoom } from './live-room.ts'

export interface FeedOptions {
  room: LiveRoom
  /** The last event that the client knows; undefined for a fresh start. */
  lastEventId: string | undefined
  /** Whose feed it is: it ends when they are removed. */
  participantId: ParticipantId
  /** Of which visit of theirs: it ends when a newer one begins. */
  sid: string
  signal: AbortSignal
  /** The whole state as this caller may see it. */
  wholeState(room: LiveRoom): RoomFeed
  /** Resolves when the caller's socket takes more. */
  ready(): Promise<void>
}

/** One message with the id to resume from. */
export type FeedMessage = readonly [eventId: string, feed: RoomFeed]

/**
 * What a client in a room is told: at once a whole state (or, on resuming, whether the node is there), then
 * what happens. A client that is too slow or resumes too late gets a whole state again.
 */
export async function* roomFeed(options: FeedOptions): AsyncGenerator<FeedMessage> {
  const { room, lastEventId } = options
  let position = beginning(options)
  if (lastEventId !== undefined && position !== BEHIND) yield [lastEventId, { type: 'node', up: room.nodeUp }]
  while (await hasNews(options, position)) {
    const entry = room.log.at(position)
    if (entry === null || entry.news.type === 'state') {
      // The position first: what happens while the caller takes the state comes after it.
      position = room.log.end
      yield [room.eventId, options.wholeState(room)]
      if (room.ended !== null) return yield* lastWords(room)
    } else {
      position += 1
      yield [entry.eventId, entry.news]
      if (isLast(entry.news, options.participantId)) return
    }
  }
  if (isReplaced(options)) yield [room.eventId, { type: 'ended', reason: 'replaced' }]
}

/** A position that no log keeps: a whole state is due. */
const BEHIND = -1

function beginning({ room, lastEventId }: FeedOptions): number {
  return lastEventId === undefined ? BEHIND : (room.log.after(lastEventId) ?? BEHIND)
}

/** Waits until there is something after the position; false when the feed is over. */
async function hasNews(options: FeedOptions, position: number): Promise<boolean> {
  const { room, signal } = options
  await options.ready()
  while (!signal.aborted && position === room.log.end && !isReplaced(options)) await room.log.changed(signal)
  return !signal.aborted && !isReplaced(options)
}

function isReplaced({ room, participantId, sid }: FeedOptions): boolean {
  return room.isVisitOver(participantId, sid)
}

async function* lastWords(room: LiveRoom): AsyncGenerator<FeedMessage> {
  if (room.ended !== null) yield [room.eventId, { type: 'ended', reason: room.ended }]
}

function isLast(feed: RoomFeed, participantId: ParticipantId): boolean {
  if (feed.type === 'ended') return true
  return feed.type === 'events' && feed.events.some((event) => removes(event, participantId))
}

function removes(event: RoomEvent, participantId: ParticipantId): boolean {
  return event.type === 'left' && event.participantId === participantId && event.reason === 'removed'
}
