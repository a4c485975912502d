import { createTrpcRouter, procedure } from '../trpc.ts'
import type { PeopleApi } from './people.api.ts'

export function peopleRouter(people: PeopleApi) {
  return createTrpcRouter({
    me: procedure.query(({ ctx }) => people.me(ctx.connection)),
  })
}
