import type { NodesApi } from './nodes/nodes.api.ts'
import { nodesRouter } from './nodes/nodes.router.ts'
import type { PeopleApi } from './people/people.api.ts'
import { peopleRouter } from './people/people.router.ts'
import type { RoomsApi } from './rooms/rooms.api.ts'
import { roomsRouter } from './rooms/rooms.router.ts'
import type { StudioApi } from './studio/studio.api.ts'
import { studioRouter } from './studio/studio.router.ts'
import type { TakesApi } from './takes/takes.api.ts'
import { takesRouter } from './takes/takes.router.ts'
import type { TapesApi } from './tapes/tapes.api.ts'
import { tapesRouter } from './tapes/tapes.router.ts'
import { createTrpcRouter } from './trpc.ts'

/** The rules of all features. */
export interface Rules {
  people: PeopleApi
  rooms: RoomsApi
  nodes: NodesApi
  takes: TakesApi
  tapes: TapesApi
  studio: StudioApi
}

export function createRouter(rules: Rules) {
  return createTrpcRouter({
    people: peopleRouter(rules.people),
    rooms: roomsRouter(rules.rooms),
    nodes: nodesRouter(rules.nodes, rules.takes),
    takes: takesRouter(rules.takes),
    tapes: tapesRouter(rules.tapes),
    studio: studioRouter(rules.studio),
  })
}

/** The whole API, for typed clients. */
export type AppRouter = ReturnType<typeof createRouter>
