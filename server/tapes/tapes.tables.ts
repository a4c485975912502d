import { bigint, index, integer, jsonb, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import type { TapeChunkHeader, TapeEnd, TapeSource } from '../../sfu-core/contract/tape.ts'
import { rooms } from '../rooms/rooms.tables.ts'
import type { TapeProgress } from './tape-progress.ts'

export const tapes = pgTable(
  'tapes',
  {
    id: text('id').primaryKey(),
    roomId: text('room_id')
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    /** No reference: a page may open its tape before the node's first word of the take is kept. */
    takeId: text('take_id').notNull(),
    participantId: text('participant_id').notNull(),
    /** Whose quota it counts for: the account, or the guest's seat. */
    owner: text('owner').notNull(),
    name: text('name').notNull(),
    source: text('source').$type<TapeSource>().notNull(),
    channels: integer('channels').notNull(),
    deviceLabel: text('device_label').notNull(),
    openedAt: timestamp('opened_at', { withTimezone: true }).notNull(),
    end: text('end').$type<TapeEnd>(),
    declaredChunks: integer('declared_chunks'),
    declaredSamples: bigint('declared_samples', { mode: 'number' }),
    /** Of the chunks that are here. */
    chunkCount: integer('chunk_count').notNull().default(0),
    sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull().default(0),
    progress: jsonb('progress').$type<TapeProgress>().notNull(),
    /** When a chunk or the end came last. */
    newsAt: timestamp('news_at', { withTimezone: true }).notNull(),
    /** All of it went to the host's own computer. */
    handedOverAt: timestamp('handed_over_at', { withTimezone: true }),
  },
  (table) => [index('tapes_take_id').on(table.takeId), index('tapes_owner').on(table.owner)],
)

/** A row is written when the chunk is checked and on disk, and before its receipt goes out. */
export const tapeChunks = pgTable(
  'tape_chunks',
  {
    tapeId: text('tape_id')
      .notNull()
      .references(() => tapes.id, { onDelete: 'cascade' }),
    index: integer('index').notNull(),
    firstSample: bigint('first_sample', { mode: 'number' }).notNull(),
    sampleCount: integer('sample_count').notNull(),
    sha256: text('sha256').notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    header: jsonb('header').$type<TapeChunkHeader>().notNull(),
    storedAt: timestamp('stored_at', { withTimezone: true }).notNull(),
    /** Its file went to the host's own computer and is not here any more. */
    handedOverAt: timestamp('handed_over_at', { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.tapeId, table.index] })],
)
