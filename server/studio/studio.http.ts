import { lstat } from 'node:fs/promises'
import path from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { takeIdSchema } from '../../sfu-core/contract/ids.ts'
import { TAKE_REPORT_JWS_NAME, TAKE_REPORT_NAME, type TakeReport } from '../../sfu-core/contract/take-report.ts'
import type { TakeRecord } from '../takes/takes.db.ts'
import { attachment, notHere, parse, type TakesRouteOptions, wantedTake } from '../takes/takes.http.ts'
import { zip } from '../takes/zip.ts'
import type { JobStore } from './jobs.db.ts'
import type { RenderJob } from './render-job.ts'
import { ARCHIVE_EXTENSION, contentTypeOf } from './render-names.ts'
import type { ReportSigner } from './report-signer.ts'
import type { StudioFiles } from './studio-files.ts'

export interface StudioRouteOptions extends Pick<TakesRouteOptions, 'store' | 'tokens' | 'connectionOf'> {
  files: StudioFiles
  jobs: Pick<JobStore, 'find'>
  signer: ReportSigner
}

const fileParams = z.object({ takeId: takeIdSchema, file: z.string().max(250) })
const renderParams = z.object({ takeId: takeIdSchema, jobId: z.string().max(64), name: z.string().max(250) })

/** What the studio has made, for the take's host or with a ticket; and the key with which reports can be checked, for everybody. */
export function installStudio(app: FastifyInstance, options: StudioRouteOptions): void {
  app.get('/api/takes/:takeId/studio/:file', async (request, reply) => {
    const { takeId, file } = parse(fileParams, request.params)
    return sendTrack(reply, { take: await wantedTake(options, request, takeId), file, options })
  })
  app.get('/api/takes/:takeId/renders/:jobId/:name', async (request, reply) => {
    const { takeId, jobId, name } = parse(renderParams, request.params)
    const take = await wantedTake(options, request, takeId)
    const job = await options.jobs.find(jobId)
    const isThere = job?.takeId === take.takeId && job.files.some((file) => file.name === name)
    if (!isThere) throw notHere()
    openToMedia(request, reply)
    return isArchive(job, name)
      ? sendArchive(reply, { take, job, options })
      : sendRender(reply, { take, job, name, options })
  })
  app.get('/api/keys', (_request, reply) => {
    reply.header('cache-control', 'no-cache').header('cross-origin-resource-policy', 'cross-origin')
    return options.signer.keySet()
  })
}

interface Wanted {
  take: TakeRecord
  options: StudioRouteOptions
}

async function sendTrack(
  reply: FastifyReply,
  { take, file, options }: Wanted & { file: string },
): Promise<FastifyReply> {
  const report = await options.files.report(take)
  if (report === null || !namesIn(report).includes(file)) throw notHere()
  openToMedia(reply.request, reply)
  reply.header('content-disposition', attachment(trackName(take, report, file)))
  return sendFile(reply, options.files.studioFolder(take), file)
}

/** The names that may be asked for. */
function namesIn({ tracks }: TakeReport): string[] {
  return [TAKE_REPORT_NAME, TAKE_REPORT_JWS_NAME, ...tracks.flatMap((track) => [track.file, track.peaksFile])]
}

/** "Room - Ana.flac": what people recognise among their downloads. */
function trackName({ roomTitle }: TakeRecord, { tracks }: TakeReport, file: string): string {
  const track = tracks.find((one) => one.file === file)
  if (track === undefined) return `${roomTitle} - ${file}`
  const isOnly = tracks.filter((one) => one.name === track.name).length === 1
  const ending = path.extname(file)
  return `${roomTitle} - ${isOnly ? track.name : path.basename(file, ending)}${ending}`
}

async function sendRender(
  reply: FastifyReply,
  { take, job, name, options }: Wanted & { job: RenderJob; name: string },
): Promise<FastifyReply> {
  reply.header('content-disposition', attachment(name))
  return sendFile(reply, options.files.renderFolder(take, job.jobId), name)
}

/** With Range, for players (RFC 9110 §14). */
function sendFile(reply: FastifyReply, folder: string, name: string): FastifyReply {
  reply.header('cache-control', 'private, no-cache')
  reply.type(contentTypeOf(name))
  return reply.sendFile(name, folder, { contentType: false, cacheControl: false })
}

function isArchive({ files }: RenderJob, name: string): boolean {
  return files.length > 1 && files[0]?.name === name && name.endsWith(ARCHIVE_EXTENSION)
}

async function sendArchive(
  reply: FastifyReply,
  { take, job, options }: Wanted & { job: RenderJob },
): Promise<FastifyReply> {
  const [archive, ...inside] = job.files
  const folder = options.files.renderFolder(take, job.jobId)
  const entries = inside.map(async ({ name }) => {
    const { size, mtimeMs } = await lstat(path.join(folder, name))
    return { name, path: path.join(folder, name), sizeBytes: size, modifiedAtMs: mtimeMs }
  })
  const { content, sizeBytes } = zip(
    await Promise.all(entries).catch(() => {
      throw notHere()
    }),
  )
  reply.header('content-disposition', attachment(archive?.name ?? 'tracks.zip'))
  reply.header('content-length', sizeBytes)
  reply.header('cache-control', 'private, no-store')
  reply.type('application/zip')
  return reply.send(content)
}

/** With a ticket the desktop app's page, which has another origin, may play it (helmet says same-origin for all else). */
function openToMedia(request: FastifyRequest, reply: FastifyReply): void {
  const { ticket } = request.query as { ticket?: unknown }
  if (ticket !== undefined) reply.header('cross-origin-resource-policy', 'cross-origin')
}
