import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { Person, RoomFeed } from '../contract/views.ts'
import { personOrGuest } from './caller.ts'
import { waitForRoom } from './feed-pressure.ts'
import { listFeed } from './list-feed.ts'
import type { LiveRoom } from './live-room.ts'
import { roomFeed } from './room-feed.ts'
import { viewOf } from './room-view.ts'
import type { RoomsApi } from './rooms.api.ts'
import type { RoomsDeps } from './rooms.ts'
import { isOfThisPeriod } from './visibility.ts'
import { assertGoesOn } from './visits.ts'

type Feeds = Pick<RoomsApi, 'events' | 'listFeed'>

/** What is told about rooms, as it happens. */
export function createFeeds(deps: RoomsDeps): Feeds {
  return {
    async *events(caller, { seat, lastEventId }, signal) {
      const claims = await deps.tokens.seat.verify(seat)
      const { roomId, participantId, userId, sid } = claims
      const room = deps.liveRooms.get(roomId)
      // For one who was away when it ended, live anew or not.
      if (room === null || !isOfThisPeriod(room.record, claims)) return yield* notLive()
      if (room.isRemoved(participantId)) throw new Refusal('removed', 'The host removed you from this room.')
      assertGoesOn(room, { participantId, sid })
      const isHost = userId === room.record.hostId
      yield* roomFeed({
        room,
        participantId,
        sid,
        lastEventId: lastEventId ?? undefined,
        signal,
        wholeState: (whole) => wholeStateOf(whole, isHost),
        ready: () => waitForRoom(caller, signal),
      })
    },
    async *listFeed(caller, lastEventId, signal) {
      const person = await personOrGuest(caller, true)
      yield* listFeed({
        liveRooms: deps.liveRooms,
        runId: deps.runId,
        lastEventId,
        signal,
        view: (room) => viewOf(room.record, room, person),
        ready: () => waitForRoom(caller, signal),
      })
    },
  }
}

async function* notLive(): AsyncGenerator<readonly [string, RoomFeed]> {
  yield ['ended:0', { type: 'ended', reason: 'room-ended' }]
}

function wholeStateOf(room: LiveRoom, isHost: boolean): RoomFeed {
  const { record, state, nodeUp } = room
  return { type: 'state', room: viewOf(record, room, isHost ? hostOf(room) : null), state, nodeUp }
}

/** `viewOf` asks who looks; the seat says that it is the host. */
function hostOf({ record }: LiveRoom): Person {
  return { userId: record.hostId, name: record.hostName, email: '' }
}
