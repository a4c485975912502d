import { create } from 'zustand'
import type { RoomListFeed, RoomView } from '../../server/contract/views.ts'

/** null until the first list has come. */
export type LiveRooms = readonly RoomView[] | null

/** The list after a piece of news. Pure. Longest live first, so that rows do not jump when people come and go. */
export function applyRoomListFeed(rooms: LiveRooms, feed: RoomListFeed): readonly RoomView[] {
  switch (feed.type) {
    case 'rooms':
      return inOrder(feed.rooms)
    case 'room':
      return inOrder([...(rooms ?? []).filter(({ roomId }) => roomId !== feed.room.roomId), feed.room])
    case 'gone':
      return (rooms ?? []).filter(({ roomId }) => roomId !== feed.roomId)
  }
}

function inOrder(rooms: readonly RoomView[]): readonly RoomView[] {
  return rooms.toSorted((a, b) => (a.liveSinceMs ?? 0) - (b.liveSinceMs ?? 0) || a.roomId.localeCompare(b.roomId))
}

interface LiveRoomsStore {
  rooms: LiveRooms
  apply: (feed: RoomListFeed) => void
}

/** The public rooms that are live now. Fed by rooms/live-feed.ts. */
export const useLiveRooms = create<LiveRoomsStore>((set) => ({
  rooms: null,
  apply: (feed) => set((state) => ({ rooms: applyRoomListFeed(state.rooms, feed) })),
}))
