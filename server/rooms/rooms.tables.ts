import { index, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { type AudiencePacketMs, DEFAULT_AUDIENCE_PACKET_MS } from '../../sfu-core/contract/media.ts'
import type { RoomSnapshot } from '../../sfu-core/contract/state.ts'
import { people } from '../people/people.tables.ts'

export const rooms = pgTable(
  'rooms',
  {
    id: text('id').primaryKey(),
    hostId: text('host_id')
      .notNull()
      .references(() => people.id, { onDelete: 'cascade' }),
    title: text('title').notNull(),
    description: text('description').notNull(),
    visibility: text('visibility', { enum: ['public', 'unlisted', 'private'] }).notNull(),
    hosting: text('hosting', { enum: ['relay', 'desktop'] }).notNull(),
    /** Where recordings stay: `host`: on the host's own computer only. */
    recordingsKept: text('recordings_kept', { enum: ['server', 'host'] })
      .notNull()
      .default('server'),
    status: text('status', { enum: ['draft', 'live', 'ended'] })
      .notNull()
      .default('draft'),
    /** The node that runs it, or ran it last. No reference: a node is made known when it registers. */
    nodeId: text('node_id'),
    inviteCode: text('invite_code').notNull(),
    /** As the host chose it last. */
    audiencePacketMs: integer('audience_packet_ms')
      .$type<AudiencePacketMs>()
      .notNull()
      .default(DEFAULT_AUDIENCE_PACKET_MS),
    /** What a node needs to bring a live room back; null unless live. */
    snapshot: jsonb('snapshot').$type<RoomSnapshot>(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    liveSince: timestamp('live_since', { withTimezone: true }),
    endedAt: timestamp('ended_at', { withTimezone: true }),
  },
  (table) => [index('rooms_host_id').on(table.hostId), index('rooms_status').on(table.status)],
)
