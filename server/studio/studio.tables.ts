import { index, integer, jsonb, pgTable, real, text, timestamp } from 'drizzle-orm/pg-core'
import type { EditList } from '../../sfu-core/contract/edits.ts'
import type { ReasonCode } from '../../sfu-core/contract/reasons.ts'
import type { MixFacts, RenderRequest } from '../../sfu-core/contract/render.ts'
import type { JobStep, JobView } from '../contract/views.ts'
import { takes } from '../takes/takes.tables.ts'

const takeId = () =>
  text('take_id')
    .notNull()
    .references(() => takes.id, { onDelete: 'cascade' })
const createdAt = () => timestamp('created_at', { withTimezone: true }).notNull().defaultNow()

/** What is done to a take to make a mix of it; the newest list of each take. */
export const editLists = pgTable('edit_lists', {
  takeId: takeId().primaryKey(),
  revision: integer('revision').notNull(),
  edits: jsonb('edits').$type<EditList>().notNull(),
})

/** What the studio has made, makes and is to make. The queue (pg-boss) only says whose turn it is. */
export const renderJobs = pgTable(
  'render_jobs',
  {
    id: text('id').primaryKey(),
    /** Counts up: the order in which they were asked for. */
    number: integer('number').notNull().generatedAlwaysAsIdentity(),
    takeId: takeId(),
    request: jsonb('request').$type<RenderRequest>().notNull(),
    /** As they were when the job was asked for; null: they do not matter. */
    edits: jsonb('edits').$type<EditList>(),
    state: text('state', { enum: ['waiting', 'running', 'done', 'failed', 'cancelled'] })
      .notNull()
      .default('waiting'),
    step: text('step').$type<JobStep>().notNull().default('queued'),
    progress: real('progress').notNull().default(0),
    /** How often its process was started, and how often that died by itself. */
    startCount: integer('start_count').notNull().default(0),
    deathCount: integer('death_count').notNull().default(0),
    /** Of `assemble`: the take's chunks that were here when it began. */
    chunkCount: integer('chunk_count'),
    reason: text('reason').$type<ReasonCode>(),
    files: jsonb('files').$type<JobView['files']>().notNull().default([]),
    facts: jsonb('facts').$type<MixFacts>(),
    createdAt: createdAt(),
    endedAt: timestamp('ended_at', { withTimezone: true }),
  },
  (table) => [index('render_jobs_take_id').on(table.takeId, table.number), index('render_jobs_state').on(table.state)],
)

/** Sound for before and after the talk: `<take>/studio-assets/<id>`. */
export const studioAssets = pgTable(
  'studio_assets',
  {
    id: text('id').primaryKey(),
    takeId: takeId(),
    name: text('name').notNull(),
    lengthMs: real('length_ms').notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    createdAt: createdAt(),
  },
  (table) => [index('studio_assets_take_id').on(table.takeId)],
)
