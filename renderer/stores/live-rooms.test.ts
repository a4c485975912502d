import { describe, expect, it } from 'vitest'
import type { RoomView } from '../../server/contract/views.ts'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import { applyRoomListFeed } from './live-rooms.ts'

const room = (roomId: string, liveSinceMs: number, listenerCount = 0) =>
  ({ roomId: roomId as RoomId, liveSinceMs, listenerCount }) as RoomView

const ids = (rooms: readonly RoomView[]) => rooms.map(({ roomId }) => roomId)

describe('applyRoomListFeed', () => {
  it('takes a whole list in place of what was there', () => {
    const rooms = applyRoomListFeed([room('old', 1)], { type: 'rooms', rooms: [room('b', 2), room('a', 1)] })
    expect(ids(rooms)).toEqual(['a', 'b'])
  })

  it('adds a room and changes a room without moving it', () => {
    const two = applyRoomListFeed([room('a', 1)], { type: 'room', room: room('b', 2) })
    const changed = applyRoomListFeed(two, { type: 'room', room: room('a', 1, 7) })
    expect(ids(changed)).toEqual(['a', 'b'])
    expect(changed[0]?.listenerCount).toBe(7)
  })

  it('takes a room away, and does not mind if it was not there', () => {
    const gone = { type: 'gone', roomId: 'a' as RoomId } as const
    expect(ids(applyRoomListFeed([room('a', 1), room('b', 2)], gone))).toEqual(['b'])
    expect(applyRoomListFeed(null, gone)).toEqual([])
  })
})
