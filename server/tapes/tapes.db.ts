import { and, asc, eq, gt, gte, lt, max, min, or, type SQL, sql, sum } from 'drizzle-orm'
import { participantIdSchema, roomIdSchema, takeIdSchema, tapeIdSchema } from '../../sfu-core/contract/ids.ts'
import type { Queries } from '../db/database.ts'
import { tapeChunks, tapes } from '../db/schema.ts'
import type { ChunkRecord, TapeRecord, TapeStore } from './tape-record.ts'

export function createTapeStore(db: Queries): TapeStore {
  return {
    async find(tapeId) {
      const [row] = await db.select().from(tapes).where(eq(tapes.id, tapeId))
      return row === undefined ? null : recordOf(row)
    },
    async ofTake(takeId) {
      const rows = await db
        .select()
        .from(tapes)
        .where(eq(tapes.takeId, takeId))
        .orderBy(asc(tapes.openedAt), asc(tapes.id))
      return rows.map(recordOf)
    },
    async countOf(takeId, participantId) {
      return db.$count(tapes, and(eq(tapes.takeId, takeId), eq(tapes.participantId, participantId)))
    },
    async insert({ tapeId, openedAtMs, newsAtMs, declared, ...same }) {
      const at = { openedAt: new Date(openedAtMs), newsAt: new Date(newsAtMs) }
      await db
        .insert(tapes)
        .values({ ...same, id: tapeId, ...at, ...columnsOf(declared) })
        .onConflictDoNothing()
    },
    async around(tapeId, index) {
      const nearest = (edge: SQL, side: SQL) =>
        db
          .select({ index: edge })
          .from(tapeChunks)
          .where(and(eq(tapeChunks.tapeId, tapeId), side))
      const rows = await db
        .select()
        .from(tapeChunks)
        .where(
          and(
            eq(tapeChunks.tapeId, tapeId),
            or(
              eq(tapeChunks.index, index),
              eq(tapeChunks.index, nearest(max(tapeChunks.index), lt(tapeChunks.index, index))),
              eq(tapeChunks.index, nearest(min(tapeChunks.index), gt(tapeChunks.index, index))),
            ),
          ),
        )
      const found = rows.map(chunkOf)
      return {
        same: found.find((chunk) => chunk.header.index === index) ?? null,
        before: found.find((chunk) => chunk.header.index < index) ?? null,
        after: found.find((chunk) => chunk.header.index > index) ?? null,
      }
    },
    async addChunk({ tapeId, header, sizeBytes, storedAtMs }, progress) {
      const { index, firstSample, sampleCount, sha256 } = header
      const storedAt = new Date(storedAtMs)
      const chunk = { tapeId, index, firstSample, sampleCount, sha256, sizeBytes, header, storedAt }
      // One statement: both or neither.
      const added = db.$with('added').as(db.insert(tapeChunks).values(chunk).returning({ index: tapeChunks.index }))
      const chunkCount = sql`${tapes.chunkCount} + 1`
      const allBytes = sql`${tapes.sizeBytes} + ${sizeBytes}`
      await db
        .with(added)
        .update(tapes)
        .set({ chunkCount, sizeBytes: allBytes, progress, newsAt: storedAt })
        .where(eq(tapes.id, tapeId))
    },
    async end(tapeId, declared, nowMs) {
      await db
        .update(tapes)
        .set({ ...columnsOf(declared), newsAt: new Date(nowMs) })
        .where(eq(tapes.id, tapeId))
    },
    async chunksFrom(tapeId, fromIndex, count) {
      const rows = await db
        .select()
        .from(tapeChunks)
        .where(and(eq(tapeChunks.tapeId, tapeId), gte(tapeChunks.index, fromIndex)))
        .orderBy(asc(tapeChunks.index))
        .limit(count)
      return rows.map(chunkOf)
    },
    async rangesFrom(tapeId, fromIndex) {
      const { index, firstSample, sampleCount } = tapeChunks
      return db
        .select({ index, firstSample, sampleCount })
        .from(tapeChunks)
        .where(and(eq(tapeChunks.tapeId, tapeId), gte(index, fromIndex)))
        .orderBy(asc(index))
    },
    async usage(takeId, owner) {
      const bytesWhere = (is: ReturnType<typeof eq>) => sql<string | null>`sum(${tapes.sizeBytes}) filter (where ${is})`
      const [ofTake, ofOwner] = [eq(tapes.takeId, takeId), eq(tapes.owner, owner)]
      const [row] = await db
        .select({ take: bytesWhere(ofTake), owner: bytesWhere(ofOwner) })
        .from(tapes)
        .where(or(ofTake, ofOwner))
      return { takeBytes: Number(row?.take ?? 0), ownerBytes: Number(row?.owner ?? 0) }
    },
    async totalBytes() {
      const [row] = await db.select({ bytes: sum(tapes.sizeBytes) }).from(tapes)
      return Number(row?.bytes ?? 0)
    },
  }
}

export function recordOf(row: typeof tapes.$inferSelect): TapeRecord {
  const { end, declaredChunks, declaredSamples } = row
  return {
    tapeId: tapeIdSchema.parse(row.id),
    roomId: roomIdSchema.parse(row.roomId),
    takeId: takeIdSchema.parse(row.takeId),
    participantId: participantIdSchema.parse(row.participantId),
    owner: row.owner,
    name: row.name,
    source: row.source,
    channels: row.channels,
    deviceLabel: row.deviceLabel,
    openedAtMs: row.openedAt.getTime(),
    declared: end === null ? null : { end, chunkCount: declaredChunks ?? 0, sampleCount: declaredSamples ?? 0 },
    chunkCount: row.chunkCount,
    sizeBytes: row.sizeBytes,
    progress: row.progress,
    newsAtMs: row.newsAt.getTime(),
  }
}

function columnsOf(declared: TapeRecord['declared']) {
  if (declared === null) return {}
  const { end, chunkCount, sampleCount } = declared
  return { end, declaredChunks: chunkCount, declaredSamples: sampleCount }
}

export function chunkOf(row: typeof tapeChunks.$inferSelect): ChunkRecord {
  return {
    tapeId: tapeIdSchema.parse(row.tapeId),
    header: row.header,
    sizeBytes: row.sizeBytes,
    storedAtMs: row.storedAt.getTime(),
    isHandedOver: row.handedOverAt !== null,
  }
}
