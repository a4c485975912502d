import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { roomIdSchema, takeIdSchema } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { JobBoard } from './job-board.ts'
import { JobRunner, type JobRunnerDeps } from './job-runner.ts'
import type { RenderJob } from './render-job.ts'
import { createStudioFiles } from './studio-files.ts'
import { JOB_STARTS_COUNT } from './studio-limits.ts'
import type { RunEnd, StudioRun } from './studio-process.ts'

const place = { roomId: roomIdSchema.parse('room'), takeId: takeIdSchema.parse('take') }
const FACTS = { integratedLufs: -16, truePeakDbtp: -1.5, lengthMs: 1_000 }
const DONE: RunEnd = { how: 'done', outcome: { kind: 'mix', facts: FACTS } }

const GONE = Object.assign(new Error('no line'), { code: 'CONNECTION_CLOSED' })

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'engawa-runner-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function newJob(change: Partial<RenderJob> = {}): RenderJob {
  return {
    jobId: 'job',
    takeId: place.takeId,
    request: { kind: 'mix', format: 'flac' },
    edits: null,
    state: 'waiting',
    step: 'queued',
    progress: 0,
    createdAtMs: 0,
    endedAtMs: null,
    reason: null,
    files: [],
    facts: null,
    startCount: 0,
    deathCount: 0,
    chunkCount: null,
    ...change,
  }
}

/** A process of which the test says how it ends; aborted, it ends so. */
class FakeRun implements StudioRun {
  readonly #end = Promise.withResolvers<RunEnd>()
  readonly ended = this.#end.promise
  aborted = false
  killed = false

  abort(): void {
    this.aborted = true
    this.end({ how: 'aborted' })
  }

  kill(): void {
    this.killed = true
    this.end({ how: 'aborted' })
  }

  end(end: RunEnd): void {
    this.#end.resolve(end)
  }
}

function setUp(job: RenderJob, change: Partial<JobRunnerDeps> = {}) {
  const kept = { job }
  const runs: FakeRun[] = []
  const started = Promise.withResolvers<FakeRun>()
  const files = createStudioFiles(folder)
  const runner = new JobRunner({
    jobs: {
      find: async () => kept.job,
      update: async (_jobId, from, next) => {
        if (!from.includes(kept.job.state)) return null
        kept.job = { ...kept.job, ...next }
        return kept.job
      },
    },
    board: new JobBoard(),
    files,
    placeOf: async () => place,
    prepare: async () => ({
      task: { kind: 'probe', file: '', lengthMaxMs: 0 },
      begun: {},
      finish: async () => ({ files: [{ name: 'x.flac', sizeBytes: 1 }], facts: FACTS }),
    }),
    onEnded: () => {},
    minFreeBytes: 1_000,
    nowMs: () => 7,
    steadyMs: () => 0,
    log: pino({ level: 'silent' }),
    startRun: () => {
      const run = new FakeRun()
      runs.push(run)
      started.resolve(run)
      return run
    },
    ...change,
  })
  return { runner, kept, runs, started: started.promise }
}

/** Nothing of a job that has ended lies about. */
function workFolders(): string[] {
  return readdirSync(path.join(folder, place.roomId, place.takeId, 'studio-work'))
}

describe('a job', () => {
  it('is done when its process is', async () => {
    const { runner, kept, started } = setUp(newJob())
    const running = runner.run('job')
    const run = await started
    expect(kept.job).toMatchObject({ state: 'running', step: 'reading', startCount: 1 })
    run.end(DONE)
    await running
    expect(kept.job).toMatchObject({ state: 'done', progress: 1, endedAtMs: 7, facts: FACTS, reason: null })
    expect(workFolders()).toEqual([])
  })

  it('whose process dies is tried once more, then it has failed', async () => {
    const runs: FakeRun[] = []
    const startRun = () => {
      const run = new FakeRun()
      runs.push(run)
      run.end({ how: 'died', detail: 'SIGSEGV' })
      return run
    }
    const { runner, kept } = setUp(newJob(), { startRun })
    await runner.run('job')
    expect(runs).toHaveLength(2)
    expect(kept.job).toMatchObject({ state: 'failed', reason: 'render-failed', deathCount: 2 })
  })

  it('that takes the server with it each time is not started for ever', async () => {
    const { runner, kept, runs } = setUp(newJob({ state: 'running', startCount: JOB_STARTS_COUNT }))
    await runner.run('job')
    expect(runs).toHaveLength(0)
    expect(kept.job).toMatchObject({ state: 'failed', reason: 'render-failed' })
  })

  it('cancelled while it runs ends so, even if its result crosses the wish', async () => {
    for (const crossing of [false, true]) {
      const { runner, kept, started } = setUp(newJob())
      const running = runner.run('job')
      const run = await started
      if (crossing) run.end(DONE)
      expect(runner.cancel('job')).toBe(true)
      await running
      expect(kept.job.state).toBe('cancelled')
      expect(kept.job.files).toEqual([])
    }
  })

  it('cancelled while it is prepared never starts', async () => {
    const preparing = Promise.withResolvers<void>()
    const { runner, kept, runs } = setUp(newJob(), {
      prepare: async () => {
        preparing.resolve()
        await Promise.resolve()
        return { task: { kind: 'probe', file: '', lengthMaxMs: 0 }, begun: {}, finish: async () => ({}) }
      },
    })
    const running = runner.run('job')
    await preparing.promise
    runner.cancel('job')
    await running
    expect(kept.job.state).toBe('cancelled')
    expect(runs).toHaveLength(0)
  })

  it('that has ended meanwhile is not run', async () => {
    const { runner, kept, runs } = setUp(newJob({ state: 'cancelled' }))
    await runner.run('job')
    expect(runs).toHaveLength(0)
    expect(kept.job.state).toBe('cancelled')
    expect(runner.cancel('job')).toBe(false)
  })

  it('fails with the reason for which it cannot be done', async () => {
    const refused = setUp(newJob(), {
      prepare: () => Promise.reject(new Refusal('take-not-ready')),
    })
    await refused.runner.run('job')
    expect(refused.kept.job).toMatchObject({ state: 'failed', reason: 'take-not-ready' })

    const full = setUp(newJob(), { files: { ...createStudioFiles(folder), freeBytes: async () => 1_000 } })
    await full.runner.run('job')
    expect(full.kept.job).toMatchObject({ state: 'failed', reason: 'server-disk-full' })

    const told = setUp(newJob())
    const running = told.runner.run('job')
    ;(await told.started).end({ how: 'failed', reason: 'server-disk-full', message: '' })
    await running
    expect(told.kept.job).toMatchObject({ state: 'failed', reason: 'server-disk-full' })
  })

  it('that runs when the server stops is killed at once and stays unfinished', async () => {
    const { runner, kept, started } = setUp(newJob())
    const running = runner.run('job')
    const run = await started
    runner.close()
    await running
    expect(run.killed).toBe(true)
    expect(kept.job).toMatchObject({ state: 'running', endedAtMs: null, deathCount: 0 })
  })

  it('whose end cannot be kept because the database is away waits for it', async () => {
    const kept = { job: newJob() }
    let triesAtEnd = 0
    const { runner, started } = setUp(kept.job, {
      jobs: {
        find: async () => kept.job,
        update: async (_jobId, _from, next) => {
          if (next.state === 'done' && ++triesAtEnd === 1) throw new Error('gone', { cause: GONE })
          kept.job = { ...kept.job, ...next }
          return kept.job
        },
      },
    })
    const running = runner.run('job')
    ;(await started).end(DONE)
    await running
    expect(triesAtEnd).toBe(2)
    expect(kept.job.state).toBe('done')
  })
})
