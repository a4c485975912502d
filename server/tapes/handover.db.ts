import { and, asc, count, eq, gt, inArray, isNull, sql } from 'drizzle-orm'
import type { TapeId } from '../../sfu-core/contract/ids.ts'
import { HANDOVER_LIST_MAX } from '../contract/handover.ts'
import type { Queries } from '../db/database.ts'
import { rooms, takes, tapeChunks, tapes } from '../db/schema.ts'
import { HANDOVER_TAPES_MAX } from '../limits.ts'
import type { ChunkRecord, TapeRecord } from './tape-record.ts'
import { chunkOf, recordOf } from './tapes.db.ts'

export interface HostComputer {
  hostId: string
  nodeId: string
}

/** What is kept of the way of tapes to their host's own computer. */
export interface HandoverStore {
  /**
   * Not yet handed over as a whole, with news since then; of rooms of that host which keep their recordings there, and of takes that
   * this computer recorded. Oldest first.
   */
  tapesFor(host: HostComputer, newsSinceMs: number): Promise<TapeRecord[]>
  countFor(host: HostComputer, newsSinceMs: number): Promise<number>
  /** One of those rooms' tapes; null where it is none. */
  tapeFor(hostId: string, tapeId: TapeId): Promise<TapeRecord | null>
  /** Chunks whose files are here, in order. */
  chunksHere(tapeIds: TapeId[]): Promise<ChunkRecord[]>
  countHere(tapeId: TapeId): Promise<number>
  /** Its file is not here any more, and counts for nobody. Nothing happens where this was known. */
  handOver(tapeId: TapeId, index: number, nowMs: number): Promise<void>
  handOverTape(tapeId: TapeId, nowMs: number): Promise<void>
}

export function createHandoverStore(db: Queries): HandoverStore {
  const keptAtHost = (hostId: string) => and(eq(rooms.hostId, hostId), eq(rooms.recordingsKept, 'host'))
  const openFor = ({ hostId, nodeId }: HostComputer, newsSinceMs: number) =>
    and(
      keptAtHost(hostId),
      eq(takes.nodeId, nodeId),
      isNull(tapes.handedOverAt),
      gt(tapes.newsAt, new Date(newsSinceMs)),
    )
  const ofRooms = () => db.select({ tape: tapes }).from(tapes).innerJoin(rooms, eq(rooms.id, tapes.roomId))
  const isHere = (tapeId: TapeId) => and(eq(tapeChunks.tapeId, tapeId), isNull(tapeChunks.handedOverAt))
  return {
    async tapesFor(host, newsSinceMs) {
      const rows = await ofRooms()
        .innerJoin(takes, eq(takes.id, tapes.takeId))
        .where(openFor(host, newsSinceMs))
        .orderBy(asc(tapes.openedAt))
        .limit(HANDOVER_TAPES_MAX)
      return rows.map(({ tape }) => recordOf(tape))
    },
    async countFor(host, newsSinceMs) {
      const [row] = await db
        .select({ value: count() })
        .from(tapes)
        .innerJoin(rooms, eq(rooms.id, tapes.roomId))
        .innerJoin(takes, eq(takes.id, tapes.takeId))
        .where(openFor(host, newsSinceMs))
      return row?.value ?? 0
    },
    async tapeFor(hostId, tapeId) {
      const [row] = await ofRooms().where(and(keptAtHost(hostId), eq(tapes.id, tapeId)))
      return row === undefined ? null : recordOf(row.tape)
    },
    async chunksHere(tapeIds) {
      if (tapeIds.length === 0) return []
      const rows = await db
        .select()
        .from(tapeChunks)
        .where(and(inArray(tapeChunks.tapeId, tapeIds), isNull(tapeChunks.handedOverAt)))
        .orderBy(asc(tapeChunks.storedAt), asc(tapeChunks.index))
        .limit(HANDOVER_LIST_MAX)
      return rows.map(chunkOf)
    },
    countHere: (tapeId) => db.$count(tapeChunks, isHere(tapeId)),
    async handOver(tapeId, index, nowMs) {
      // One statement: both or neither, and the size is taken off once.
      const handed = db.$with('handed').as(
        db
          .update(tapeChunks)
          .set({ handedOverAt: new Date(nowMs) })
          .where(and(isHere(tapeId), eq(tapeChunks.index, index)))
          .returning({ sizeBytes: tapeChunks.sizeBytes }),
      )
      const sizeBytes = sql`${tapes.sizeBytes} - (select ${handed.sizeBytes} from ${handed})`
      await db
        .with(handed)
        .update(tapes)
        .set({ sizeBytes })
        .where(and(eq(tapes.id, tapeId), sql`exists (select 1 from ${handed})`))
    },
    async handOverTape(tapeId, nowMs) {
      await db
        .update(tapes)
        .set({ handedOverAt: new Date(nowMs) })
        .where(and(eq(tapes.id, tapeId), isNull(tapes.handedOverAt)))
    },
  }
}
