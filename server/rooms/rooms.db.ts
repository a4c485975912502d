import { count, desc, eq } from 'drizzle-orm'
import { nodeIdSchema, roomIdSchema } from '../../sfu-core/contract/ids.ts'
import type { Queries } from '../db/database.ts'
import { people, rooms } from '../db/schema.ts'
import { ROOM_LIST_MAX } from '../limits.ts'
import type { RoomChange, RoomRecord, RoomStore } from './room-record.ts'

export function createRoomStore(db: Queries): RoomStore {
  const withHost = () =>
    db.select({ room: rooms, hostName: people.name }).from(rooms).innerJoin(people, eq(people.id, rooms.hostId))
  return {
    async find(roomId) {
      const [row] = await withHost().where(eq(rooms.id, roomId))
      return row === undefined ? null : recordOf(row)
    },
    async ofHost(hostId) {
      const rows = await withHost().where(eq(rooms.hostId, hostId)).orderBy(desc(rooms.createdAt)).limit(ROOM_LIST_MAX)
      return rows.map(recordOf)
    },
    async countOfHost(hostId) {
      const [row] = await db.select({ value: count() }).from(rooms).where(eq(rooms.hostId, hostId))
      return row?.value ?? 0
    },
    async live() {
      return (await withHost().where(eq(rooms.status, 'live'))).map(recordOf)
    },
    async insert(room) {
      await db.insert(rooms).values({
        id: room.roomId,
        hostId: room.hostId,
        title: room.title,
        description: room.description,
        visibility: room.visibility,
        hosting: room.hosting,
        recordingsKept: room.recordingsKept,
        inviteCode: room.inviteCode,
        audiencePacketMs: room.audiencePacketMs,
        createdAt: new Date(room.createdAtMs),
      })
    },
    async update(roomId, change) {
      await db.update(rooms).set(columnsOf(change)).where(eq(rooms.id, roomId))
    },
  }
}

type Row = { room: typeof rooms.$inferSelect; hostName: string }

function recordOf({ room, hostName }: Row): RoomRecord {
  return {
    roomId: roomIdSchema.parse(room.id),
    hostId: room.hostId,
    hostName,
    title: room.title,
    description: room.description,
    visibility: room.visibility,
    hosting: room.hosting,
    recordingsKept: room.recordingsKept,
    status: room.status,
    nodeId: room.nodeId === null ? null : nodeIdSchema.parse(room.nodeId),
    inviteCode: room.inviteCode,
    audiencePacketMs: room.audiencePacketMs,
    createdAtMs: room.createdAt.getTime(),
    liveSinceMs: room.liveSince?.getTime() ?? null,
    endedAtMs: room.endedAt?.getTime() ?? null,
    snapshot: room.snapshot,
  }
}

function columnsOf({ liveSinceMs, endedAtMs, ...same }: RoomChange) {
  return {
    ...same,
    ...(liveSinceMs === undefined ? {} : { liveSince: dateOf(liveSinceMs) }),
    ...(endedAtMs === undefined ? {} : { endedAt: dateOf(endedAtMs) }),
  }
}

function dateOf(timeMs: number | null): Date | null {
  return timeMs === null ? null : new Date(timeMs)
}
