import { count, eq } from 'drizzle-orm'
import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { Queries } from '../db/database.ts'
import { tapeChunks, tapes } from '../db/schema.ts'
import type { TapeParts } from '../tapes/tapes-parts.ts'
import type { StudioTapes } from './studio-tapes.ts'

type TapesDoor = Pick<TapeParts, 'standings' | 'sourcesOf' | 'arrivalOf'>

export function tapesForStudio(db: Queries, { standings, sourcesOf, arrivalOf }: TapesDoor): StudioTapes {
  return {
    factsOf: async (takeId) => ({ ...(await arrivalOf(takeId)), ...(await chunksOf(db, takeId)) }),
    sourcesOf,
    standingsOf: (manifest) => standings.ofManifest(manifest),
  }
}

async function chunksOf(db: Queries, takeId: TakeId): Promise<{ chunkCount: number; hereCount: number }> {
  const [row] = await db
    .select({ chunkCount: count(), handedOverCount: count(tapeChunks.handedOverAt) })
    .from(tapeChunks)
    .innerJoin(tapes, eq(tapes.id, tapeChunks.tapeId))
    .where(eq(tapes.takeId, takeId))
  const { chunkCount = 0, handedOverCount = 0 } = row ?? {}
  return { chunkCount, hereCount: chunkCount - handedOverCount }
}
