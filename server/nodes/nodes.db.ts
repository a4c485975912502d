import type { Queries } from '../db/database.ts'
import { nodes } from '../db/schema.ts'
import type { NodeIdentity } from './node-session.ts'

/** Where the nodes that registered once are kept. */
export interface NodeStore {
  save(identity: NodeIdentity, version: string): Promise<void>
}

export function createNodeStore(db: Queries): NodeStore {
  return {
    async save(identity, version) {
      const changing = {
        name: identity.name,
        version,
        takeStorage: identity.takeStorage,
        lastSeenAt: new Date(),
      }
      await db
        .insert(nodes)
        .values({ id: identity.nodeId, kind: identity.kind, ownerId: identity.ownerId, ...changing })
        .onConflictDoUpdate({ target: nodes.id, set: changing })
    },
  }
}
