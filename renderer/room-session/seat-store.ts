import type { SeatStore } from './ports.ts'

/** Seats in sessionStorage: they live as long as the tab, also over a reload, and are seen by no other tab. */
export function sessionSeats(storage: Storage): SeatStore {
  return {
    load: (roomId) => quietly(() => storage.getItem(keyOf(roomId))) ?? null,
    save: (roomId, seat) => quietly(() => storage.setItem(keyOf(roomId), seat)),
    forget: (roomId) =>
      quietly(() => {
        storage.removeItem(keyOf(roomId))
        storage.removeItem(mutedKeyOf(roomId))
      }),
    loadMuted: (roomId) => quietly(() => storage.getItem(mutedKeyOf(roomId))) === 'yes',
    saveMuted: (roomId, muted) =>
      quietly(() => (muted ? storage.setItem(mutedKeyOf(roomId), 'yes') : storage.removeItem(mutedKeyOf(roomId)))),
  }
}

const keyOf = (roomId: string) => `engawa:seat:${roomId}`
const mutedKeyOf = (roomId: string) => `engawa:muted:${roomId}`

/** A page whose storage is forbidden or full works all the same; only a reload then takes a new seat. */
function quietly<T>(use: () => T): T | undefined {
  try {
    return use()
  } catch {
    return undefined
  }
}
