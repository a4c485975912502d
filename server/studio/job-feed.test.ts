import { expect, it } from 'vitest'
import { takeIdSchema } from '../../sfu-core/contract/ids.ts'
import type { JobFeed, JobView } from '../contract/views.ts'
import { JobBoard } from './job-board.ts'
import { jobFeed } from './job-feed.ts'
import type { RenderJob } from './render-job.ts'

const takeId = takeIdSchema.parse('take')

function job(jobId: string, change: Partial<RenderJob> = {}): RenderJob {
  const never = { endedAtMs: null, reason: null, files: [], facts: null, edits: null, chunkCount: null }
  const begun = {
    state: 'running',
    step: 'reading',
    progress: 0,
    createdAtMs: 0,
    startCount: 1,
    deathCount: 0,
  } as const
  return { jobId, takeId, request: { kind: 'mix', format: 'flac' }, ...begun, ...never, ...change }
}

function setUp(list: JobView[] = []) {
  const board = new JobBoard()
  const ended = new AbortController()
  let gate = Promise.resolve()
  const feed = jobFeed({ board, takeId, signal: ended.signal, list: async () => list, ready: () => gate })
  const next = async (): Promise<JobFeed | undefined> => (await feed.next()).value ?? undefined
  return {
    board,
    ended,
    next,
    /** The socket takes nothing until the answer is called. */
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
  }
}

it('begins with all jobs, then tells each change; another take’s are not told', async () => {
  const { board, next } = setUp([])
  expect(await next()).toEqual({ type: 'jobs', jobs: [] })
  const news = next()
  board.onChanged(job('x', { takeId: takeIdSchema.parse('other') }))
  board.onProgress(job('a'), { step: 'mixing', progress: 0.5 })
  expect(await news).toMatchObject({ type: 'job', job: { jobId: 'a', step: 'mixing', progress: 0.5 } })
})

it('tells a slow listener the newest only', async () => {
  const { board, next, hold } = setUp()
  await next()
  const release = hold()
  const news = next()
  for (const progress of [0.1, 0.2, 0.3]) board.onProgress(job('a'), { step: 'mixing', progress })
  board.onTakeChanged(takeId)
  board.onTakeChanged(takeId)
  release()
  expect(await news).toMatchObject({ type: 'job', job: { progress: 0.3 } })
  expect(await next()).toEqual({ type: 'take' })
})

it('a job that has ended stands where it ended, whatever its process said before', () => {
  const board = new JobBoard()
  board.onProgress(job('a'), { step: 'mixing', progress: 0.5 })
  const done = job('a', { state: 'done', progress: 1 })
  board.onChanged(done)
  expect(board.view(done).progress).toBe(1)
})

it('ends with its subscriber, and leaves nobody listening', async () => {
  const { ended, next } = setUp()
  await next()
  const last = next()
  ended.abort()
  expect(await last).toBeUndefined()
})
