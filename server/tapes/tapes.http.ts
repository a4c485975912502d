import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { tapeIdSchema } from '../../sfu-core/contract/ids.ts'
import { TAPE_CHUNK_HEADER_MAX_BYTES, TAPE_CHUNK_MAX_BYTES } from '../../sfu-core/contract/limits.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { type Receipt, type TapeChunkHeader, tapeChunkHeaderSchema } from '../../sfu-core/contract/tape.ts'
import { TAPE_CHUNK_HEADER } from '../contract/inputs.ts'
import type { RateLimits } from '../rate-limits.ts'
import type { TapeClaims, Tokens } from '../tokens.ts'
import { type ChunkReceiverDeps, receiveChunk } from './chunk-receiver.ts'

export interface TapesRouteOptions {
  receiver: ChunkReceiverDeps
  tokens: Pick<Tokens, 'tape'>
  limits: Pick<RateLimits, 'tapeChunk' | 'badTapeToken'>
}

/** Where chunks are sent to. Has limits of its own in place of those of other HTTP requests: an evening that was kept back comes in minutes. */
export const TAPES_PATH = '/api/tapes/'

const chunkParams = z.object({
  tapeId: tapeIdSchema,
  index: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
})

/** `PUT /api/tapes/:tapeId/chunks/:index`: one chunk in, its receipt out. */
export function installTapes(app: FastifyInstance, options: TapesRouteOptions): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    scope.put(
      `${TAPES_PATH}:tapeId/chunks/:index`,
      { bodyLimit: TAPE_CHUNK_MAX_BYTES, onRequest: assertLength },
      async (request, reply): Promise<Receipt> => {
        reply.header('cache-control', 'no-store')
        try {
          return await receive(options, request)
        } catch (error) {
          leaveBody(request, reply, error)
          throw error
        }
      },
    )
  })
}

async function receive(options: TapesRouteOptions, request: FastifyRequest): Promise<Receipt> {
  const { tapeId, index } = parse(chunkParams, request.params, 'The address is wrong.')
  const claims = await claimsOf(options, request)
  if (claims.tapeId !== tapeId) throw new Refusal('not-allowed', 'That tape is not yours.')
  await options.limits.tapeChunk(tapeId)
  const header = headerOf(request)
  if (header.index !== index) throw new Refusal('input-invalid', "The address is not the chunk's.")
  if (!(request.body instanceof Readable)) throw new Refusal('input-invalid', 'The chunk is missing.')
  return receiveChunk(options.receiver, { tapeId, header, sizeBytes: lengthOf(request), content: request.body })
}

async function claimsOf({ tokens, limits }: TapesRouteOptions, request: FastifyRequest): Promise<TapeClaims> {
  const [, token = ''] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  try {
    return await tokens.tape.verify(token)
  } catch (error) {
    await limits.badTapeToken(request.ip)
    throw error
  }
}

function headerOf(request: FastifyRequest): TapeChunkHeader {
  const text = request.headers[TAPE_CHUNK_HEADER]
  if (typeof text !== 'string' || text.length > TAPE_CHUNK_HEADER_MAX_BYTES) throw badHeader()
  return parse(tapeChunkHeaderSchema, jsonIn(Buffer.from(text, 'base64url').toString('utf8')), badHeader().message)
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badHeader()
  }
}

function badHeader(): Refusal {
  return new Refusal('input-invalid', "The chunk's header is wrong.")
}

/** Before anything is read. What is too long, or does not say, is not read at all: the line ends with the answer. */
async function assertLength(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const lengthBytes = lengthOf(request)
  if (lengthBytes >= 1 && lengthBytes <= TAPE_CHUNK_MAX_BYTES) return
  reply.header('connection', 'close')
  if (lengthBytes > TAPE_CHUNK_MAX_BYTES) throw new Refusal('message-too-large', 'The chunk is too large.')
  throw new Refusal('input-invalid', 'The chunk must say its length.')
}

/** NaN where it is not told. */
function lengthOf(request: FastifyRequest): number {
  return Number(request.headers['content-length'] ?? Number.NaN)
}

/** A chunk that is refused is let run out, so that the line can be used again; one that does not come is not waited for. */
function leaveBody(request: FastifyRequest, reply: FastifyReply, error: unknown): void {
  if (error instanceof Refusal && error.code === 'timed-out') reply.header('connection', 'close')
  else request.raw.resume()
}

function parse<T>(schema: z.ZodType<T>, value: unknown, message: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new Refusal('input-invalid', message)
}
