import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { type TakeId, takeIdSchema } from '../../sfu-core/contract/ids.ts'
import { TITLE_MAX_CHARS } from '../../sfu-core/contract/limits.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { STUDIO_ASSET_MAX_BYTES } from '../contract/inputs.ts'
import { signedIn } from '../people/people.ts'
import type { TakeRecord } from '../takes/takes.db.ts'
import { notHere, parse, type TakesRouteOptions } from '../takes/takes.http.ts'
import type { AssetIntake } from './asset-intake.ts'

export interface AssetsRouteOptions extends Pick<TakesRouteOptions, 'store' | 'connectionOf'> {
  intake: AssetIntake
  /** A take has more or less sound of its own. */
  onChanged(takeId: TakeId): void
}

const takeParams = z.object({ takeId: takeIdSchema })
const assetParams = takeParams.extend({ assetId: z.string().max(64) })
const nameQuery = z.object({ name: z.string().trim().min(1).max(TITLE_MAX_CHARS) })

/** Sound for before and after the talk: sent as it is, by the take's host (no ticket opens this). */
export function installAssets(app: FastifyInstance, options: AssetsRouteOptions): void {
  const { intake, onChanged } = options
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    scope.put('/api/takes/:takeId/assets', { bodyLimit: STUDIO_ASSET_MAX_BYTES }, async (request, reply) => {
      const take = await ownTake(options, request)
      const { name } = parse(nameQuery, request.query)
      if (!(request.body instanceof Readable)) throw new Refusal('input-invalid', 'The file is missing.')
      const asset = await intake.take(take, { name, content: request.body })
      onChanged(take.takeId)
      return reply.status(201).send(asset)
    })
  })
  app.delete('/api/takes/:takeId/assets/:assetId', async (request, reply) => {
    const take = await ownTake(options, request)
    const { assetId } = parse(assetParams, request.params)
    if (!(await intake.remove(take, assetId))) throw notHere()
    onChanged(take.takeId)
    return reply.status(204).send()
  })
}

/** Strangers do not learn whether it exists. */
async function ownTake({ store, connectionOf }: AssetsRouteOptions, request: FastifyRequest): Promise<TakeRecord> {
  const { takeId } = parse(takeParams, request.params)
  const { userId } = await signedIn(connectionOf(request))
  const take = await store.find(takeId)
  if (take?.hostId === userId) return take
  throw new Refusal('not-allowed', 'That take is not yours.')
}
