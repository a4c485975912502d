import type { Logger } from 'pino'
import { isDatabaseGone } from '../db/database-errors.ts'
import { SNAPSHOT_INTERVAL_MS } from '../limits.ts'
import type { LiveRoom } from './live-room.ts'
import type { LiveRooms } from './live-rooms.ts'
import type { RoomStore } from './room-record.ts'

/** Writes what a restart must bring back, and what the host chose while the room was live: at most once a second, and at the end. */
export interface SnapshotWriter {
  /** Writes what has changed now. */
  flush(): Promise<void>
  /** Stops; does not flush. Idempotent. */
  close(): void
}

export function startSnapshotWriter(liveRooms: LiveRooms, store: RoomStore, log: Logger): SnapshotWriter {
  let running: Promise<void> = Promise.resolve()
  const flush = () => {
    running = running.then(() => writeAll(liveRooms, store, log))
    return running
  }
  const timer = setInterval(() => void flush(), SNAPSHOT_INTERVAL_MS)
  return { flush, close: () => clearInterval(timer) }
}

async function writeAll(liveRooms: LiveRooms, store: RoomStore, log: Logger): Promise<void> {
  await Promise.all(liveRooms.takeDirty().map((room) => write(room, { liveRooms, store, log })))
}

async function write(room: LiveRoom, to: { liveRooms: LiveRooms; store: RoomStore; log: Logger }): Promise<void> {
  try {
    const { roomId, audiencePacketMs } = room.record
    await to.store.update(roomId, { snapshot: room.snapshot, audiencePacketMs })
  } catch (error) {
    // Kept for the next round: live rooms go on without a database.
    if (room.ended === null) to.liveRooms.markDirty(room)
    if (!isDatabaseGone(error)) to.log.error({ err: error, roomId: room.record.roomId }, 'a snapshot cannot be written')
  }
}
