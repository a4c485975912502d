import { desc, eq, gte } from 'drizzle-orm'
import { type RoomId, roomIdSchema, type TakeId, takeIdSchema } from '../../sfu-core/contract/ids.ts'
import type { TakeStorage } from '../../sfu-core/contract/node-protocol.ts'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import type { RecordingsKept } from '../contract/views.ts'
import type { Queries } from '../db/database.ts'
import { rooms, takes } from '../db/schema.ts'
import { TAKE_LIST_MAX } from '../limits.ts'

/** A take as it is kept. */
export interface TakeRecord {
  takeId: TakeId
  roomId: RoomId
  hostId: string
  roomTitle: string
  nodeId: string
  nodeName: string
  storage: TakeStorage
  recordingsKept: RecordingsKept
  manifest: TakeManifest
}

/** Where takes are kept. */
export interface TakeStore {
  find(takeId: TakeId): Promise<TakeRecord | null>
  ofRoom(roomId: RoomId): Promise<TakeRecord[]>
  ofHost(hostId: string): Promise<TakeRecord[]>
  newestOfRoom(roomId: RoomId): Promise<TakeRecord | null>
  /** Those that ended at that time or later, oldest first. */
  endedSince(sinceMs: number): Promise<TakeId[]>
  /** New, or with a newer manifest. */
  save(take: Omit<TakeRecord, 'hostId' | 'roomTitle' | 'recordingsKept'>): Promise<void>
}

export function createTakeStore(db: Queries): TakeStore {
  const all = () =>
    db
      .select({ take: takes, hostId: rooms.hostId, roomTitle: rooms.title, recordingsKept: rooms.recordingsKept })
      .from(takes)
      .innerJoin(rooms, eq(rooms.id, takes.roomId))
  const newest = desc(takes.startedAt)
  return {
    async find(takeId) {
      const [row] = await all().where(eq(takes.id, takeId))
      return row === undefined ? null : recordOf(row)
    },
    async ofRoom(roomId) {
      return (await all().where(eq(takes.roomId, roomId)).orderBy(newest).limit(TAKE_LIST_MAX)).map(recordOf)
    },
    async ofHost(hostId) {
      return (await all().where(eq(rooms.hostId, hostId)).orderBy(newest).limit(TAKE_LIST_MAX)).map(recordOf)
    },
    async endedSince(sinceMs) {
      const recent = gte(takes.endedAt, new Date(sinceMs))
      const rows = await db.select({ id: takes.id }).from(takes).where(recent).orderBy(takes.endedAt)
      return rows.map(({ id }) => takeIdSchema.parse(id))
    },
    async newestOfRoom(roomId) {
      const [row] = await all().where(eq(takes.roomId, roomId)).orderBy(newest).limit(1)
      return row === undefined ? null : recordOf(row)
    },
    async save({ takeId, roomId, nodeId, nodeName, storage, manifest }) {
      const endedAt = manifest.endedAtMs === null ? null : new Date(manifest.endedAtMs)
      const startedAt = new Date(manifest.startedAtMs)
      await db
        .insert(takes)
        .values({ id: takeId, roomId, nodeId, nodeName, storage, manifest, startedAt, endedAt })
        .onConflictDoUpdate({ target: takes.id, set: { manifest, endedAt, storage } })
    },
  }
}

type Row = { take: typeof takes.$inferSelect; hostId: string; roomTitle: string; recordingsKept: RecordingsKept }

function recordOf({ take, hostId, roomTitle, recordingsKept }: Row): TakeRecord {
  return {
    takeId: takeIdSchema.parse(take.id),
    roomId: roomIdSchema.parse(take.roomId),
    hostId,
    roomTitle,
    nodeId: take.nodeId,
    nodeName: take.nodeName,
    storage: take.storage,
    recordingsKept,
    manifest: take.manifest,
  }
}
