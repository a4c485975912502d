import type { FastifyInstance } from 'fastify'
import { nanoid } from 'nanoid'
import type { Logger } from 'pino'
import type { Sql } from 'postgres'
import type { TakeId } from '../../sfu-core/contract/ids.ts'
import { type NowMs, steadyMs } from '../clock.ts'
import { RENDERS_KEPT_S } from '../contract/inputs.ts'
import type { Queries } from '../db/database.ts'
import type { Keys } from '../keys.ts'
import type { LiveRooms } from '../rooms/live-rooms.ts'
import type { TakeFiles } from '../takes/take-files.ts'
import type { TakeStore } from '../takes/takes.db.ts'
import type { TakesRouteOptions } from '../takes/takes.http.ts'
import { AssemblyWatch } from './assembly-watch.ts'
import { AssetIntake } from './asset-intake.ts'
import { createAssetStore } from './assets.db.ts'
import { installAssets } from './assets.http.ts'
import { createEditStore } from './edits.db.ts'
import { JobBoard } from './job-board.ts'
import { JobRunner } from './job-runner.ts'
import { prepareJob } from './job-tasks.ts'
import { createJobStore } from './jobs.db.ts'
import { createJobQueue } from './queue/job-queue.ts'
import type { RenderJob } from './render-job.ts'
import { createReportSigner } from './report-signer.ts'
import type { StudioApi } from './studio.api.ts'
import { installStudio } from './studio.http.ts'
import { createStudio } from './studio.ts'
import { createStudioFiles } from './studio-files.ts'
import { StudioJobs } from './studio-jobs.ts'
import { SWEEP_INTERVAL_MS } from './studio-limits.ts'
import type { StudioTapes } from './studio-tapes.ts'

/** The studio of one server: its rules, its routes, its jobs. */
export interface Studio {
  readonly api: StudioApi
  install(app: FastifyInstance, access: StudioAccess): void
  /** Something came to the take: its end, a file, a chunk, a tape's end. */
  onTakeNews(takeId: TakeId): void
  /** Takes up what an earlier run left, and works from now on. */
  start(): Promise<void>
  /** Jobs that run are killed and begin anew at the next start. Well under a second. Idempotent. */
  close(): Promise<void>
}

type StudioAccess = Pick<TakesRouteOptions, 'tokens' | 'connectionOf'>

export interface StudioOptions {
  queries: Queries
  /** A line to the database with one connection, for the queue. */
  line: Sql
  takesFolder: string
  keys: Pick<Keys, 'signing' | 'verifying'>
  takes: TakeStore
  takeFiles: TakeFiles
  tapes: StudioTapes
  liveRooms: LiveRooms
  jobsAtOnce: number
  /** Of the disk, left to the rooms' own recordings. */
  minFreeBytes: number
  nowMs: NowMs
  log: Logger
}

export function makeStudio(options: StudioOptions): Studio {
  const { takes, nowMs, log } = options
  const parts = createParts(options)
  const { jobs, board, files, studioJobs, runner, queue, watch, signer, intake } = parts
  const api = createStudio({ ...options, ...parts, edits: createEditStore(options.queries) })
  const tellTrouble = (error: unknown) => log.warn({ err: error }, 'old files of the studio cannot be removed')
  const sweep = () => studioJobs.removeOldFiles(nowMs() - RENDERS_KEPT_S * 1_000).catch(tellTrouble)
  let sweeping: NodeJS.Timeout | undefined
  return {
    api,
    install(app, access) {
      installStudio(app, { ...access, store: takes, files, jobs, signer })
      installAssets(app, { ...access, store: takes, intake, onChanged: (takeId) => board.onTakeChanged(takeId) })
    },
    onTakeNews: (takeId) => watch.onNews(takeId),
    async start() {
      await queue.open()
      await studioJobs.resume()
      queue.start((jobId) => runner.run(jobId))
      await watch.catchUp()
      sweeping = setInterval(sweep, SWEEP_INTERVAL_MS).unref()
      void sweep()
      files.removeLeftovers().catch(tellTrouble)
    },
    async close() {
      clearInterval(sweeping)
      watch.close()
      runner.close()
      intake.close()
      await queue.close()
    },
  }
}

function createParts(options: StudioOptions) {
  const { queries, takes, takeFiles, tapes, minFreeBytes, nowMs, log } = options
  const jobs = createJobStore(queries)
  const assets = createAssetStore(queries)
  const files = createStudioFiles(options.takesFolder)
  const board = new JobBoard()
  const signer = createReportSigner(options.keys)
  const queue = createJobQueue({ line: options.line, jobsAtOnce: options.jobsAtOnce, log })
  const placeOf = (job: RenderJob) => takes.find(job.takeId)
  const tasks = { takes, takeFiles, tapes, files, assets, signer, nowMs }
  const onEnded = (job: RenderJob) => {
    studioJobs.prune(job).catch((error: unknown) => log.warn({ err: error }, 'old jobs cannot be removed'))
    if (job.request.kind !== 'assemble') return
    board.onTakeChanged(job.takeId)
    watch.onNews(job.takeId)
  }
  const prepare = (job: RenderJob, workFolder: string) => prepareJob(tasks, job, workFolder)
  const runner = new JobRunner({ jobs, board, files, placeOf, prepare, onEnded, minFreeBytes, nowMs, steadyMs, log })
  const studioJobs = new StudioJobs({ jobs, board, queue, runner, files, placeOf, nowMs })
  const assemble = async (takeId: TakeId) => {
    await studioJobs.add({ jobId: nanoid(), takeId, request: { kind: 'assemble' }, edits: null })
  }
  const onLook = (takeId: TakeId) => board.onTakeChanged(takeId)
  const watch = new AssemblyWatch({ takes, takeFiles, tapes, jobs, assemble, onLook, nowMs, log })
  const intake = new AssetIntake({ assets, files, log })
  return { jobs, assets, files, board, signer, queue, runner, studioJobs, watch, intake }
}
