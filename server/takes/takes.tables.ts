import { index, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import { rooms } from '../rooms/rooms.tables.ts'

export const takes = pgTable(
  'takes',
  {
    id: text('id').primaryKey(),
    roomId: text('room_id')
      .notNull()
      .references(() => rooms.id, { onDelete: 'cascade' }),
    nodeId: text('node_id').notNull(),
    nodeName: text('node_name').notNull(),
    storage: text('storage', { enum: ['shared', 'kept', 'upload'] }).notNull(),
    /** As the node told it last. */
    manifest: jsonb('manifest').$type<TakeManifest>().notNull(),
    startedAt: timestamp('started_at', { withTimezone: true }).notNull(),
    endedAt: timestamp('ended_at', { withTimezone: true }),
  },
  (table) => [index('takes_room_id').on(table.roomId)],
)
