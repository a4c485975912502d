import { pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { people } from '../people/people.tables.ts'

/** The nodes that have registered once. */
export const nodes = pgTable('nodes', {
  id: text('id').primaryKey(),
  kind: text('kind', { enum: ['relay', 'desktop'] }).notNull(),
  /** Of a desktop host; null for a relay. */
  ownerId: text('owner_id').references(() => people.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  version: text('version').notNull().default(''),
  takeStorage: text('take_storage', { enum: ['shared', 'kept', 'upload'] }).notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  lastSeenAt: timestamp('last_seen_at', { withTimezone: true }).notNull().defaultNow(),
})
