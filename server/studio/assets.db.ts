import { and, asc, count, eq } from 'drizzle-orm'
import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { StudioAsset } from '../contract/views.ts'
import type { Queries } from '../db/database.ts'
import { studioAssets } from './studio.tables.ts'

export interface AssetStore {
  ofTake(takeId: TakeId): Promise<StudioAsset[]>
  countOfTake(takeId: TakeId): Promise<number>
  insert(takeId: TakeId, asset: StudioAsset): Promise<void>
  /** False where there is none. */
  remove(takeId: TakeId, assetId: string): Promise<boolean>
}

export function createAssetStore(db: Queries): AssetStore {
  const ofTake = (takeId: TakeId) => eq(studioAssets.takeId, takeId)
  return {
    async ofTake(takeId) {
      const rows = await db.select().from(studioAssets).where(ofTake(takeId)).orderBy(asc(studioAssets.createdAt))
      return rows.map(({ id, name, lengthMs, sizeBytes }) => ({ assetId: id, name, lengthMs, sizeBytes }))
    },
    async countOfTake(takeId) {
      const [row] = await db.select({ value: count() }).from(studioAssets).where(ofTake(takeId))
      return row?.value ?? 0
    },
    async insert(takeId, { assetId, ...same }) {
      await db.insert(studioAssets).values({ id: assetId, takeId, ...same })
    },
    async remove(takeId, assetId) {
      const removed = await db
        .delete(studioAssets)
        .where(and(ofTake(takeId), eq(studioAssets.id, assetId)))
        .returning()
      return removed.length > 0
    },
  }
}
