import { and, eq } from 'drizzle-orm'
import { type EditList, editListSchema, NO_EDITS } from '../../sfu-core/contract/edits.ts'
import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { Queries } from '../db/database.ts'
import { editLists } from './studio.tables.ts'

interface SavedEdits {
  /** 0: nothing has been edited yet. */
  revision: number
  edits: EditList
}

export interface EditStore {
  of(takeId: TakeId): Promise<SavedEdits>
  /** Answers with the new revision, or null where the one that was edited is not the newest any more. */
  save(takeId: TakeId, edited: SavedEdits): Promise<number | null>
}

export function createEditStore(db: Queries): EditStore {
  return {
    async of(takeId) {
      const [row] = await db.select().from(editLists).where(eq(editLists.takeId, takeId))
      if (row === undefined) return { revision: 0, edits: NO_EDITS }
      return { revision: row.revision, edits: editListSchema.parse(row.edits) }
    },
    async save(takeId, { revision, edits }) {
      const next = revision + 1
      const saved = await (revision === 0
        ? db.insert(editLists).values({ takeId, revision: next, edits }).onConflictDoNothing().returning()
        : db
            .update(editLists)
            .set({ revision: next, edits })
            .where(and(eq(editLists.takeId, takeId), eq(editLists.revision, revision)))
            .returning())
      return saved[0]?.revision ?? null
    },
  }
}
