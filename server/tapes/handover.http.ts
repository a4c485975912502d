import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { tapeIdSchema } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { CHUNK_HASH_HEADER, HANDOVER_PATH } from '../contract/handover.ts'
import type { RateLimits } from '../rate-limits.ts'
import type { Tokens } from '../tokens.ts'
import type { HostComputer } from './handover.db.ts'
import type { Handover } from './handover.ts'

export interface HandoverRouteOptions {
  handover: Handover
  tokens: Pick<Tokens, 'node'>
  limits: Pick<RateLimits, 'nodeCall' | 'badTapeToken'>
}

const tapeParams = z.object({ tapeId: tapeIdSchema })
const chunkParams = tapeParams.extend({
  index: z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
})
const hashSchema = z.string().regex(/^[0-9a-f]{64}$/i)
const CHUNK_PATH = `${HANDOVER_PATH}/:tapeId/chunks/:index`

/** For the nodes of hosts' own computers: server/contract/handover.ts says what. */
export function installHandover(app: FastifyInstance, options: HandoverRouteOptions): void {
  const { handover } = options
  app.get(HANDOVER_PATH, async (request, reply) => {
    const host = await hostOf(options, request)
    reply.header('cache-control', 'no-store')
    return handover.list(host)
  })
  app.get(CHUNK_PATH, async (request, reply) => {
    const { hostId } = await hostOf(options, request)
    const { tapeId, index } = parse(chunkParams, request.params)
    const { path } = await handover.fileOf(hostId, tapeId, index)
    reply.header('cache-control', 'no-store').header('content-length', await sizeOf(path))
    return reply.type('audio/flac').send(createReadStream(path))
  })
  app.delete(CHUNK_PATH, async (request, reply) => {
    const { hostId } = await hostOf(options, request)
    const sha256 = parse(hashSchema, request.headers[CHUNK_HASH_HEADER])
    await handover.confirm(hostId, { ...parse(chunkParams, request.params), sha256 })
    return reply.status(204).send()
  })
  app.delete(`${HANDOVER_PATH}/:tapeId`, async (request, reply) => {
    const { hostId } = await hostOf(options, request)
    await handover.close(hostId, parse(tapeParams, request.params).tapeId)
    return reply.status(204).send()
  })
}

/** Whose computer it is. @throws Refusal for a token that is none, RateRefusal. */
async function hostOf({ tokens, limits }: HandoverRouteOptions, request: FastifyRequest): Promise<HostComputer> {
  const [, token = ''] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  const claims = await tokens.node.verify(token).catch(async (error: unknown) => {
    await limits.badTapeToken(request.ip)
    throw error
  })
  await limits.nodeCall(claims.nodeId)
  return { hostId: claims.ownerId, nodeId: claims.nodeId }
}

/** A file that was confirmed is not here any more. */
async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => null)
  if (found?.isFile() === true) return found.size
  throw new Refusal('room-not-found', 'That chunk is not on this server any more.')
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new Refusal('input-invalid', 'The address is wrong.')
}
