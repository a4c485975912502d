import type { RoomView } from '../../server/contract/views.ts'

/** How a room's node can be reached, as far as the page knows before it asks. */
export interface Route {
  stunServers: readonly string[]
  /** The node may be behind a router that lets only those in whom it has called: it is told this page's addresses. */
  tellsCandidates: boolean
}

/** A relay can be reached as it is, unless the operator says otherwise by naming STUN servers. */
export function routeTo({ hosting, stunServers }: RoomView): Route {
  return { stunServers, tellsCandidates: hosting === 'desktop' || stunServers.length > 0 }
}
