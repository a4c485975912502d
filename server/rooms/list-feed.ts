import { setTimeout as delay } from 'node:timers/promises'
import type { RoomListFeed, RoomView } from '../contract/views.ts'
import { LIST_FEED_INTERVAL_MS, ROOM_LIST_MAX } from '../limits.ts'
import type { LiveRoom } from './live-room.ts'
import type { LiveRooms } from './live-rooms.ts'

export interface ListFeedOptions {
  liveRooms: LiveRooms
  /** Names this run of the server: versions count from its start. */
  runId: string
  lastEventId: string | undefined
  signal: AbortSignal
  view(room: LiveRoom): RoomView
  /** Resolves when the caller's socket takes more. */
  ready(): Promise<void>
}

export type ListMessage = readonly [eventId: string, feed: RoomListFeed]

/** The list of public live rooms: whole at first (or what changed, on resuming), then changes, at most once a second. */
export async function* listFeed(options: ListFeedOptions): AsyncGenerator<ListMessage> {
  const { liveRooms, signal, runId } = options
  let version = versionIn(options)
  while (!signal.aborted) {
    await options.ready()
    const upTo = liveRooms.version
    const id = `${runId}:${upTo}`
    if (version === null || !liveRooms.remembers(version)) {
      yield [id, { type: 'rooms', rooms: liveRooms.listed().slice(-ROOM_LIST_MAX).map(options.view) }]
    } else {
      const { rooms, gone } = liveRooms.changesSince(version)
      for (const room of rooms) yield [id, { type: 'room', room: options.view(room) }]
      for (const roomId of gone) yield [id, { type: 'gone', roomId }]
    }
    version = upTo
    if (liveRooms.version === upTo) await liveRooms.changed(signal)
    await delay(LIST_FEED_INTERVAL_MS, undefined, { signal }).catch(() => {})
  }
}

function versionIn({ lastEventId, runId }: ListFeedOptions): number | null {
  const [run, version] = lastEventId?.split(':') ?? []
  return run === runId && version !== undefined ? Number(version) : null
}
