import { useEffect } from 'react'
import type { RoomId } from '../../sfu-core/contract/ids.ts'
import { type Entry, forgetEntry, rememberEntry } from './entry-memory.ts'

/**
 * Remembers the entry for as long as one is inside and the room is on screen. Going to another screen is leaving, so
 * the cleanup forgets; a reload runs no cleanup, which is how it comes straight back. `entry` null: not inside.
 */
export function useRememberedEntry(roomId: RoomId, entry: Entry | null): void {
  useEffect(() => {
    if (entry === null) return
    rememberEntry(roomId, entry)
    return () => forgetEntry(roomId)
  }, [roomId, entry])
}
