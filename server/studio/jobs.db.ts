import { and, asc, desc, eq, inArray, lt, ne, or, sql } from 'drizzle-orm'
import { type TakeId, takeIdSchema } from '../../sfu-core/contract/ids.ts'
import type { JobState } from '../../sfu-core/contract/render.ts'
import type { Queries } from '../db/database.ts'
import { rooms, takes } from '../db/schema.ts'
import type { JobChange, RenderJob } from './render-job.ts'
import { renderJobs } from './studio.tables.ts'
import { JOBS_LISTED_COUNT } from './studio-limits.ts'

export type NewJob = Pick<RenderJob, 'jobId' | 'takeId' | 'request' | 'edits'>

type Enqueue = (transaction: Queries) => Promise<void>

/** Where jobs are kept. */
export interface JobStore {
  find(jobId: string): Promise<RenderJob | null>
  /** The newest ones, newest first; JOBS_LISTED_COUNT where no other number is told. */
  ofTake(takeId: TakeId, maxCount?: number): Promise<RenderJob[]>
  /** Waiting and running, in the order in which they were asked for. */
  unfinished(): Promise<RenderJob[]>
  countUnfinishedOfHost(hostId: string): Promise<number>
  /** The newest `assemble` of a take; of those in the state, or of all. */
  newestAssembly(takeId: TakeId, state?: JobState): Promise<RenderJob | null>
  /** `enqueue` is part of it: both happen, or none. */
  insert(job: NewJob, enqueue: Enqueue): Promise<RenderJob>
  /** Only where it is in one of the states; else null, and nothing changes. */
  update(jobId: string, from: JobState[], change: JobChange): Promise<RenderJob | null>
  /** Begins anew: waits as if it had just been asked for. */
  requeue(jobId: string, enqueue: Enqueue): Promise<void>
  /** Done before that, and with files that are still there. */
  withOldFiles(endedBeforeMs: number): Promise<RenderJob[]>
  remove(jobIds: string[]): Promise<void>
}

export function createJobStore(db: Queries): JobStore {
  const unfinished = inArray(renderJobs.state, ['waiting', 'running'])
  const newest = desc(renderJobs.number)
  return {
    async find(jobId) {
      const [row] = await db.select().from(renderJobs).where(eq(renderJobs.id, jobId))
      return row === undefined ? null : recordOf(row)
    },
    async ofTake(takeId, maxCount = JOBS_LISTED_COUNT) {
      const mine = eq(renderJobs.takeId, takeId)
      return (await db.select().from(renderJobs).where(mine).orderBy(newest).limit(maxCount)).map(recordOf)
    },
    async unfinished() {
      return (await db.select().from(renderJobs).where(unfinished).orderBy(asc(renderJobs.number))).map(recordOf)
    },
    async countUnfinishedOfHost(hostId) {
      const ofHost = and(unfinished, eq(rooms.hostId, hostId), ne(sql`${renderJobs.request}->>'kind'`, 'assemble'))
      const rows = await db
        .select({ id: renderJobs.id })
        .from(renderJobs)
        .innerJoin(takes, eq(takes.id, renderJobs.takeId))
        .innerJoin(rooms, eq(rooms.id, takes.roomId))
        .where(ofHost)
      return rows.length
    },
    async newestAssembly(takeId, state) {
      const isAssembly = eq(sql`${renderJobs.request}->>'kind'`, 'assemble')
      const wanted = and(eq(renderJobs.takeId, takeId), isAssembly, state && eq(renderJobs.state, state))
      const [row] = await db.select().from(renderJobs).where(wanted).orderBy(newest).limit(1)
      return row === undefined ? null : recordOf(row)
    },
    insert({ jobId, takeId, request, edits }, enqueue) {
      return db.transaction(async (transaction) => {
        const [row] = await transaction.insert(renderJobs).values({ id: jobId, takeId, request, edits }).returning()
        if (row === undefined) throw new Error('the job was not inserted')
        await enqueue(transaction)
        return recordOf(row)
      })
    },
    async update(jobId, from, change) {
      const where = and(eq(renderJobs.id, jobId), inArray(renderJobs.state, from))
      const [row] = await db.update(renderJobs).set(columnsOf(change)).where(where).returning()
      return row === undefined ? null : recordOf(row)
    },
    async requeue(jobId, enqueue) {
      await db.transaction(async (transaction) => {
        const anew = { state: 'waiting', step: 'queued', progress: 0 } as const
        await transaction.update(renderJobs).set(anew).where(eq(renderJobs.id, jobId))
        await enqueue(transaction)
      })
    },
    async withOldFiles(endedBeforeMs) {
      const ended = or(eq(renderJobs.state, 'done'), eq(renderJobs.state, 'failed'))
      const hasFiles = ne(sql`jsonb_array_length(${renderJobs.files})`, 0)
      const old = and(ended, hasFiles, lt(renderJobs.endedAt, new Date(endedBeforeMs)))
      return (await db.select().from(renderJobs).where(old)).map(recordOf)
    },
    async remove(jobIds) {
      if (jobIds.length > 0) await db.delete(renderJobs).where(inArray(renderJobs.id, jobIds))
    },
  }
}

type Row = typeof renderJobs.$inferSelect

function recordOf({ id, takeId, createdAt, endedAt, number: _number, ...same }: Row): RenderJob {
  return {
    ...same,
    jobId: id,
    takeId: takeIdSchema.parse(takeId),
    createdAtMs: createdAt.getTime(),
    endedAtMs: endedAt?.getTime() ?? null,
  }
}

function columnsOf({ endedAtMs, ...same }: JobChange) {
  if (endedAtMs === undefined) return same
  return { ...same, endedAt: endedAtMs === null ? null : new Date(endedAtMs) }
}
