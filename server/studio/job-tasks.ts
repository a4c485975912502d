import path from 'node:path'
import type { EditList } from '../../sfu-core/contract/edits.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { RenderRequest } from '../../sfu-core/contract/render.ts'
import type { TakeReport } from '../../sfu-core/contract/take-report.ts'
import type { NowMs } from '../clock.ts'
import type { TakeFiles } from '../takes/take-files.ts'
import type { TakeRecord, TakeStore } from '../takes/takes.db.ts'
import { zip } from '../takes/zip.ts'
import type { AssetStore } from './assets.db.ts'
import type { JobChange, RenderJob } from './render-job.ts'
import { ARCHIVE_EXTENSION, fileTitle, renderName } from './render-names.ts'
import type { ReportSigner } from './report-signer.ts'
import type { RenderedFile, StudioFiles } from './studio-files.ts'
import type { StudioTapes } from './studio-tapes.ts'
import type { StudioOutcome, StudioTask } from './worker-messages.ts'

/** A job as its process is to do it. */
export interface PreparedJob {
  task: StudioTask
  /** To be kept with the job from its beginning. */
  begun: JobChange
  /** Keeps what came of it. */
  finish(outcome: StudioOutcome): Promise<JobChange>
}

export interface JobTasksDeps {
  takes: TakeStore
  takeFiles: TakeFiles
  tapes: StudioTapes
  files: StudioFiles
  assets: AssetStore
  signer: ReportSigner
  nowMs: NowMs
}

interface Preparing {
  deps: JobTasksDeps
  take: TakeRecord
  job: RenderJob
  workFolder: string
}

/** What a preview is made in: without loss, and every browser plays it. */
const PREVIEW_FORMAT = 'flac'

/** @throws Refusal why it cannot be done. */
export async function prepareJob(deps: JobTasksDeps, job: RenderJob, workFolder: string): Promise<PreparedJob> {
  const take = await deps.takes.find(job.takeId)
  if (take === null) throw new Refusal('not-allowed', 'That take is not there any more.')
  const preparing = { deps, take, job, workFolder }
  const { request } = job
  switch (request.kind) {
    case 'assemble':
      return prepareAssembly(preparing)
    case 'mix':
      return prepareMix(preparing, { format: request.format, range: null })
    case 'preview': {
      const { fromMs, toMs } = request
      return prepareMix(preparing, { format: PREVIEW_FORMAT, range: { fromMs, toMs } })
    }
    case 'tracks':
      return prepareTracks(preparing, request)
  }
}

async function prepareAssembly({ deps, take, workFolder }: Preparing): Promise<PreparedJob> {
  const { files, tapes, signer } = deps
  // Read before the sources: what comes after this makes the report stale.
  const nowMs = deps.nowMs()
  const { chunkCount } = await tapes.factsOf(take.takeId)
  const sources = await tapes.sourcesOf(take.takeId)
  const hasSfuTracks = take.storage !== 'kept'
  if (take.storage === 'upload' && (await deps.takeFiles.findAll(take, take.manifest)) === null) {
    throw new Refusal('take-not-ready', 'The relay still sends the tracks.')
  }
  return {
    task: {
      kind: 'assemble',
      // The tracks of a take that is kept on the host's computer are not here: what no tape has is silence.
      manifest: hasSfuTracks ? take.manifest : { ...take.manifest, tracks: [] },
      takeFolder: files.takeFolder(take),
      tapes: sources,
      outFolder: workFolder,
      nowMs,
    },
    begun: { chunkCount },
    async finish(outcome) {
      if (outcome.kind !== 'assemble') throw wrongOutcome(outcome)
      const jws = (content: string) => signer.sign(content)
      await files.publishTracks(take, { folder: workFolder, report: outcome.report, jws })
      return {}
    },
  }
}

type MixRequest = Pick<Extract<StudioTask, { kind: 'mix' }>, 'format' | 'range'>

async function prepareMix(preparing: Preparing, { format, range }: MixRequest): Promise<PreparedJob> {
  const { deps, take, job, workFolder } = preparing
  const report = await soundOf(preparing)
  const { edits, assets } = await withAssets(preparing, editsOf(job))
  const title = take.roomTitle
  return {
    task: {
      kind: 'mix',
      report,
      studioFolder: deps.files.studioFolder(take),
      edits,
      assets,
      format,
      range,
      outFile: path.join(workFolder, renderName(range === null ? title : `${title} preview`, format)),
      title,
    },
    begun: {},
    async finish(outcome) {
      if (outcome.kind !== 'mix') throw wrongOutcome(outcome)
      const files = await deps.files.publishRender(take, { folder: workFolder, jobId: job.jobId })
      return { files, facts: outcome.facts }
    },
  }
}

async function prepareTracks(
  preparing: Preparing,
  { format, edited, projects }: Extract<RenderRequest, { kind: 'tracks' }>,
): Promise<PreparedJob> {
  const { deps, take, job, workFolder } = preparing
  const report = await soundOf(preparing)
  const title = take.roomTitle
  const studioFolder = deps.files.studioFolder(take)
  const edits = editsOf(job)
  const timeline = take.manifest.timeline.filter(({ participantId }) => !edits.leftOut.includes(participantId))
  const asked = { edited, format, projects }
  return {
    task: { kind: 'tracks', report, studioFolder, edits, ...asked, outFolder: workFolder, title, timeline },
    begun: {},
    async finish(outcome) {
      if (outcome.kind !== 'tracks') throw wrongOutcome(outcome)
      const files = await deps.files.publishRender(take, { folder: workFolder, jobId: job.jobId })
      return { files: withArchive(files, title) }
    },
  }
}

/** The tracks that may be heard in a render: of people who are left out not even the names of the files go to the process. */
async function soundOf({ deps, take, job }: Preparing): Promise<TakeReport> {
  const report = await deps.files.report(take)
  if (report === null) throw new Refusal('take-not-ready', 'The take has not been assembled yet.')
  const { leftOut } = editsOf(job)
  const tracks = report.tracks.filter((track) => !leftOut.includes(track.participantId))
  if (tracks.length === 0) throw new Refusal('nothing-to-do', 'Nobody is left in the take.')
  return { ...report, tracks }
}

function editsOf({ edits }: RenderJob): EditList {
  if (edits === null) throw new Error('a render without edits')
  return edits
}

/** A clip whose file was removed meanwhile is left away. */
async function withAssets({ deps, take }: Preparing, edits: EditList) {
  const known = await deps.assets.ofTake(take.takeId)
  const assets: Record<string, string> = {}
  const clip = (wanted: EditList['intro']) => {
    if (wanted === null || !known.some(({ assetId }) => assetId === wanted.assetId)) return null
    assets[wanted.assetId] = deps.files.assetFile(take, wanted.assetId)
    return wanted
  }
  return { edits: { ...edits, intro: clip(edits.intro), outro: clip(edits.outro) }, assets }
}

/** Several files are had as one archive too, which is made while it is sent. */
function withArchive(files: RenderedFile[], title: string): RenderedFile[] {
  if (files.length < 2) return files
  const { content, sizeBytes } = zip(files.map((file) => ({ ...file, path: '', modifiedAtMs: 0 })))
  content.destroy()
  return [{ name: `${fileTitle(title)}${ARCHIVE_EXTENSION}`, sizeBytes }, ...files]
}

function wrongOutcome({ kind }: StudioOutcome): Error {
  return new Error(`the studio process did something else: ${kind}`)
}
