import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eq } from 'drizzle-orm'
import { nanoid } from 'nanoid'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NO_EDITS } from '../../sfu-core/contract/edits.ts'
import { roomIdSchema, type TakeId, takeIdSchema } from '../../sfu-core/contract/ids.ts'
import type { RenderRequest } from '../../sfu-core/contract/render.ts'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../db/embedded/embedded-postgres.ts'
import { people, rooms, takes } from '../db/schema.ts'
import { createAssetStore } from './assets.db.ts'
import { createEditStore } from './edits.db.ts'
import { JobBoard } from './job-board.ts'
import { createJobStore, type JobStore } from './jobs.db.ts'
import { createJobQueue, type JobQueue } from './queue/job-queue.ts'
import type { RenderJob } from './render-job.ts'
import { createStudioFiles } from './studio-files.ts'
import { StudioJobs } from './studio-jobs.ts'
import { JOBS_LISTED_COUNT, PREVIEWS_KEPT_COUNT } from './studio-limits.ts'

const log = pino({ level: 'silent' })
const MIX: RenderRequest = { kind: 'mix', format: 'mp3' }
const ASSEMBLE: RenderRequest = { kind: 'assemble' }

let folder: string
let postgres: EmbeddedPostgres
let database: Database
let jobs: JobStore

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'engawa-studio-'))
  mkdirSync(path.join(folder, 'postgres'))
  postgres = await startEmbeddedPostgres({ folder: path.join(folder, 'postgres'), password: nanoid(), log })
  database = await openDatabase(postgres.place, log)
  jobs = createJobStore(database.queries)
})
afterAll(async () => {
  await database.close()
  await postgres.close()
  rmSync(folder, { recursive: true })
})

/** A take of a new room of a new host. */
async function newTake(): Promise<{ takeId: TakeId; hostId: string }> {
  const { queries } = database
  const [hostId, roomId, takeId] = [nanoid(), nanoid(), takeIdSchema.parse(nanoid())]
  const at = new Date()
  const person = { id: hostId, name: 'H', email: `${hostId}@example.org`, emailVerified: false }
  await queries.insert(people).values({ ...person, createdAt: at, updatedAt: at })
  const shown = { title: 'R', description: '', visibility: 'public', hosting: 'relay', inviteCode: 'x' } as const
  await queries.insert(rooms).values({ id: roomId, hostId, ...shown })
  const manifest = { takeId } as unknown as TakeManifest
  const node = { nodeId: 'n', nodeName: 'N', storage: 'shared' } as const
  await queries.insert(takes).values({ id: takeId, roomId, ...node, manifest, startedAt: at })
  return { takeId, hostId }
}

function add(takeId: TakeId, request: RenderRequest): Promise<RenderJob> {
  return jobs.insert({ jobId: nanoid(), takeId, request, edits: NO_EDITS }, async () => {})
}

describe('jobs in the database', () => {
  it('change only from the states that were meant', async () => {
    const { takeId } = await newTake()
    const { jobId } = await add(takeId, MIX)
    expect(await jobs.update(jobId, ['running'], { state: 'done' })).toBeNull()
    expect(await jobs.update(jobId, ['waiting'], { state: 'running', startCount: 1 })).toMatchObject({ startCount: 1 })
    const files = [{ name: 'x.mp3', sizeBytes: 5 }]
    await jobs.update(jobId, ['running'], { state: 'done', files, endedAtMs: 1_000 })
    expect(await jobs.find(jobId)).toMatchObject({ state: 'done', files, endedAtMs: 1_000, edits: NO_EDITS })
    expect(await jobs.find('none')).toBeNull()
  })

  it('are not there when they could not be put in the queue', async () => {
    const { takeId } = await newTake()
    const job = { jobId: nanoid(), takeId, request: MIX, edits: null }
    await expect(jobs.insert(job, () => Promise.reject(new Error('no queue')))).rejects.toThrow('no queue')
    expect(await jobs.find(job.jobId)).toBeNull()
  })

  it('are listed newest first, and no more than so many', async () => {
    const { takeId } = await newTake()
    const ids: string[] = []
    for (let n = 0; n < JOBS_LISTED_COUNT + 2; n++) ids.unshift((await add(takeId, MIX)).jobId)
    expect((await jobs.ofTake(takeId)).map((job) => job.jobId)).toEqual(ids.slice(0, JOBS_LISTED_COUNT))
    expect(await jobs.ofTake(takeId, 100)).toHaveLength(ids.length)
    await jobs.remove(ids.slice(1))
    expect((await jobs.ofTake(takeId)).map((job) => job.jobId)).toEqual(ids.slice(0, 1))
  })

  it('that are unfinished are counted by host, but for those that start by themselves', async () => {
    const { takeId, hostId } = await newTake()
    const [first] = [await add(takeId, MIX), await add(takeId, ASSEMBLE), await add((await newTake()).takeId, MIX)]
    expect(await jobs.countUnfinishedOfHost(hostId)).toBe(1)
    await jobs.update(first.jobId, ['waiting'], { state: 'cancelled' })
    expect(await jobs.countUnfinishedOfHost(hostId)).toBe(0)
  })

  it('the newest assembly is found, of all or of those in one state', async () => {
    const { takeId } = await newTake()
    expect(await jobs.newestAssembly(takeId)).toBeNull()
    const [done, failed] = [await add(takeId, ASSEMBLE), await add(takeId, ASSEMBLE)]
    await add(takeId, MIX)
    await jobs.update(done.jobId, ['waiting'], { state: 'done', chunkCount: 7 })
    await jobs.update(failed.jobId, ['waiting'], { state: 'failed' })
    expect((await jobs.newestAssembly(takeId))?.jobId).toBe(failed.jobId)
    expect(await jobs.newestAssembly(takeId, 'done')).toMatchObject({ jobId: done.jobId, chunkCount: 7 })
    expect(await jobs.newestAssembly(takeId, 'waiting')).toBeNull()
  })

  it('with files that are too old are found', async () => {
    const { takeId } = await newTake()
    const [old, young, bare] = [await add(takeId, MIX), await add(takeId, MIX), await add(takeId, MIX)]
    const files = [{ name: 'x.mp3', sizeBytes: 5 }]
    await jobs.update(old.jobId, ['waiting'], { state: 'done', files, endedAtMs: 5_000 })
    await jobs.update(young.jobId, ['waiting'], { state: 'done', files, endedAtMs: 6_000 })
    await jobs.update(bare.jobId, ['waiting'], { state: 'done', endedAtMs: 5_000 })
    const found = (await jobs.withOldFiles(5_500)).filter((job) => job.takeId === takeId)
    expect(found.map((job) => job.jobId)).toEqual([old.jobId])
  })

  it('go with their take, and so do its edits and its sounds', async () => {
    const { takeId } = await newTake()
    const { jobId } = await add(takeId, MIX)
    const [edits, assets] = [createEditStore(database.queries), createAssetStore(database.queries)]
    expect(await edits.of(takeId)).toEqual({ revision: 0, edits: NO_EDITS })
    expect(await edits.save(takeId, { revision: 0, edits: NO_EDITS })).toBe(1)
    await assets.insert(takeId, { assetId: nanoid(), name: 'x', lengthMs: 1, sizeBytes: 1 })
    await database.queries.delete(takes).where(eq(takes.id, takeId))
    expect(await jobs.find(jobId)).toBeNull()
    expect((await edits.of(takeId)).revision).toBe(0)
    expect(await assets.countOfTake(takeId)).toBe(0)
  })
})

describe('what is old', () => {
  const placeOf = async ({ takeId }: Pick<RenderJob, 'takeId'>) => ({ roomId: roomIdSchema.parse('r'), takeId })

  function studioJobs() {
    const files = createStudioFiles(path.join(folder, 'takes'))
    const board = new JobBoard()
    const runner = { cancel: () => false }
    const queue = { enqueue: async () => {}, nudge: () => {} }
    return { files, board, all: new StudioJobs({ jobs, board, queue, runner, files, placeOf, nowMs: () => 0 }) }
  }

  async function done(job: RenderJob, endedAtMs: number): Promise<RenderJob> {
    const { files } = studioJobs()
    const place = await placeOf(job)
    const work = await files.newWorkFolder(place, job.jobId)
    writeFileSync(path.join(work, 'x.flac'), 'sound')
    const made = await files.publishRender(place, { folder: work, jobId: job.jobId })
    const change = { state: 'done', files: made, endedAtMs } as const
    return (await jobs.update(job.jobId, ['waiting'], change)) ?? job
  }

  it('leaves the list, but for the newest previews and the assembly that counts', async () => {
    const { takeId } = await newTake()
    const { all, files } = studioJobs()
    const assembly = await done(await add(takeId, ASSEMBLE), 1)
    const previews: RenderJob[] = []
    for (let n = 0; n < PREVIEWS_KEPT_COUNT + 1; n++) {
      previews.push(await done(await add(takeId, { kind: 'preview', fromMs: 0, toMs: 1 }), 2))
    }
    const [oldest, ...kept] = previews
    if (oldest === undefined) throw new Error('no previews')
    await all.prune(oldest)
    expect(new Set((await jobs.ofTake(takeId)).map((job) => job.jobId))).toEqual(
      new Set([assembly, ...kept].map((job) => job.jobId)),
    )
    expect(existsSync(files.renderFolder(await placeOf(oldest), oldest.jobId))).toBe(false)
    for (let n = 0; n < JOBS_LISTED_COUNT; n++) await add(takeId, MIX)
    await all.prune(oldest)
    const left = (await jobs.ofTake(takeId, 100)).map((job) => job.jobId)
    expect(left).toHaveLength(JOBS_LISTED_COUNT + 1)
    expect(left).toContain(assembly.jobId)
  })

  it('loses its files, and says so', async () => {
    const { takeId } = await newTake()
    const { all, files, board } = studioJobs()
    const [old, young] = [await done(await add(takeId, MIX), 100), await done(await add(takeId, MIX), 10_000_000)]
    const told: unknown[] = []
    board.listen(takeId, (news) => told.push(news))
    await all.removeOldFiles(200)
    expect(await jobs.find(old.jobId)).toMatchObject({ state: 'done', files: [] })
    expect(await jobs.find(young.jobId)).toMatchObject({ files: [{ name: 'x.flac', sizeBytes: 5 }] })
    const place = await placeOf(old)
    expect(existsSync(files.renderFolder(place, old.jobId))).toBe(false)
    expect(existsSync(files.renderFolder(place, young.jobId))).toBe(true)
    expect(told).toMatchObject([{ type: 'job', job: { jobId: old.jobId, files: [] } }])
  })

  it('work of an earlier run is cleared away; tracks that it left aside come back', async () => {
    const { files } = studioJobs()
    const { takeId } = await newTake()
    const place = await placeOf({ takeId })
    const work = path.join(files.takeFolder(place), 'studio-work')
    for (const name of ['job-1', 'job-1.old']) mkdirSync(path.join(work, name), { recursive: true })
    writeFileSync(path.join(work, 'job-1.old', 'take-report.json'), '{}')
    const mine = await files.newWorkFolder(place, 'job-2')
    await files.removeLeftovers()
    expect(readdirSync(work)).toEqual(['job-2'])
    expect(existsSync(mine)).toBe(true)
    expect(readdirSync(files.studioFolder(place))).toEqual(['take-report.json'])
  })
})

describe('the queue', () => {
  it('gives jobs out in order, higher priorities first, each once; an earlier run’s are forgotten', async () => {
    const { takeId } = await newTake()
    const open = async () => {
      const queue = createJobQueue({ line: database.line, jobsAtOnce: 1, log })
      await queue.open()
      return queue
    }
    const putInto = async (queue: JobQueue, jobId: string, priority: number) => {
      const job = { jobId, takeId, request: MIX, edits: null }
      await jobs.insert(job, (transaction) => queue.enqueue(transaction, { jobId, priority }))
    }
    const before = await open()
    await putInto(before, 'of an earlier run', 9)
    await before.close()

    const queue = await open()
    const given: string[] = []
    const all = Promise.withResolvers<void>()
    const put = (jobId: string, priority: number) => putInto(queue, jobId, priority)
    await put('a', 0)
    await put('b', 0)
    await put('urgent', 1)
    queue.start(async (jobId) => {
      given.push(jobId)
      if (jobId === 'late') all.resolve()
      // Something more comes while the last one runs.
      if (jobId === 'b') {
        await put('late', 0)
        queue.nudge()
      }
    })
    await all.promise
    expect(given).toEqual(['urgent', 'a', 'b', 'late'])
    const startedAtMs = performance.now()
    await queue.close()
    await queue.close()
    expect(performance.now() - startedAtMs).toBeLessThan(1_000)
  })
})
