import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { type TakeId, takeIdSchema } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { TAKE_MANIFEST_NAME } from '../../sfu-core/contract/take.ts'
import type { Connection } from '../call-context.ts'
import { TAKE_FILE_MAX_BYTES } from '../limits.ts'
import { isSameText } from '../rooms/visibility.ts'
import type { Tokens } from '../tokens.ts'
import type { TakeFiles } from './take-files.ts'
import type { TakeRecord, TakeStore } from './takes.db.ts'
import { takeForDownload, takeForUpload } from './takes.ts'
import { zip } from './zip.ts'

export interface TakesRouteOptions {
  store: TakeStore
  files: TakeFiles
  tokens: Tokens
  relayKey: string
  connectionOf(request: FastifyRequest): Connection
  /** A file of a take that is being sent is here. */
  onTakeNews(takeId: TakeId): void
}

const queryShape = z.object({ ticket: z.string().max(4_000).optional() })
const fileParams = z.object({ takeId: takeIdSchema, file: z.string().max(250) })
const takeParams = z.object({ takeId: takeIdSchema })

/** The files of takes: downloads for the host, uploads from relays. */
export function installTakes(app: FastifyInstance, options: TakesRouteOptions): void {
  app.get('/api/takes/:takeId/files/:file', async (request, reply) => {
    const { takeId, file } = parse(fileParams, request.params)
    return sendFile(reply, { take: await wantedTake(options, request, takeId), file, options })
  })
  app.get('/api/takes/:takeId/archive', async (request, reply) => {
    const { takeId } = parse(takeParams, request.params)
    return sendArchive(reply, await wantedTake(options, request, takeId), options)
  })
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    scope.put('/api/node/takes/:takeId/files/:file', { bodyLimit: TAKE_FILE_MAX_BYTES }, async (request, reply) => {
      await receive(options, request)
      return reply.status(204).send()
    })
  })
}

type Access = Pick<TakesRouteOptions, 'store' | 'tokens' | 'connectionOf'>

/** The take, for its signed-in host or with a ticket. @throws as takeForDownload. */
export async function wantedTake(options: Access, request: FastifyRequest, takeId: TakeId): Promise<TakeRecord> {
  const { ticket } = parse(queryShape, request.query)
  const person = ticket === undefined ? await options.connectionOf(request).person() : null
  return takeForDownload(options, takeId, { userId: person?.userId ?? null, ticket })
}

async function sendFile(
  reply: FastifyReply,
  { take, file, options }: { take: TakeRecord; file: string; options: TakesRouteOptions },
): Promise<FastifyReply> {
  const found = await options.files.find(take, take.manifest, file)
  if (found === null) throw notHere()
  reply.header('content-disposition', attachment(nameFor(take, file)))
  reply.header('cache-control', 'private, no-cache')
  reply.type(file.endsWith('.json') ? 'application/json; charset=utf-8' : 'audio/ogg')
  return reply.sendFile(file, options.files.folderOf(take), { contentType: false, cacheControl: false })
}

async function sendArchive(reply: FastifyReply, take: TakeRecord, { files }: TakesRouteOptions): Promise<FastifyReply> {
  const found = await files.findAll(take, take.manifest)
  if (found === null) throw notHere()
  const { content, sizeBytes } = zip(found)
  reply.header('content-disposition', attachment(`${take.roomTitle}.zip`))
  reply.header('content-length', sizeBytes)
  reply.header('cache-control', 'private, no-store')
  reply.type('application/zip')
  return reply.send(content)
}

async function receive(options: TakesRouteOptions, request: FastifyRequest): Promise<void> {
  const { takeId, file } = parse(fileParams, request.params)
  const [, key] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? []
  const isFromRelay = key !== undefined && isSameText(key, options.relayKey)
  const take = await takeForUpload(options, takeId, { name: file, isFromRelay })
  if (!(request.body instanceof Readable)) throw new Refusal('input-invalid', 'The file is missing.')
  const sha256 = request.headers['x-content-sha256']
  await options.files.receive(take, file, { content: request.body, sha256: typeof sha256 === 'string' ? sha256 : null })
  options.onTakeNews(takeId)
}

export function notHere(): Refusal {
  return new Refusal('room-not-found', 'That file is not on this server.')
}

/** "Room - Speaker.opus": what people recognise among their downloads. */
function nameFor({ manifest, roomTitle }: TakeRecord, file: string): string {
  if (file === TAKE_MANIFEST_NAME) return `${roomTitle} - ${file}`
  const track = manifest.tracks.find((one) => one.file === file)
  return `${roomTitle} - ${track?.name ?? 'track'} (${file.replace(/\.[^.]*$/, '')}).opus`
}

/** RFC 6266, with the name in UTF-8 (RFC 8187) beside a plain one for old programs. */
export function attachment(name: string): string {
  const clean = name.replace(/[\p{Cc}/\\:*?"<>|]/gu, '_').slice(0, 150)
  const plain = clean.replace(/[^\x20-\x7e]/g, '_')
  const encoded = encodeURIComponent(clean.toWellFormed()).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16)}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

/** What stands in an address. @throws Refusal `input-invalid`. */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new Refusal('input-invalid', 'The address is wrong.')
}
