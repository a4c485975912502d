import { endTapeInput, openTapeInput, stripInput, tapeInput } from '../contract/inputs.ts'
import { createTrpcRouter, procedure } from '../trpc.ts'
import type { TapesApi } from './tapes.api.ts'

const NEVER = new AbortController().signal

export function tapesRouter(tapes: TapesApi) {
  return createTrpcRouter({
    open: procedure.input(openTapeInput).mutation(({ ctx, input }) => tapes.open(ctx.connection, input)),
    state: procedure.input(tapeInput).query(({ ctx, input }) => tapes.state(ctx.connection, input)),
    end: procedure.input(endTapeInput).mutation(({ ctx, input }) => tapes.end(ctx.connection, input)),
    clock: procedure.input(tapeInput).query(({ ctx, input }) => tapes.clock(ctx.connection, input)),
    strip: procedure.input(stripInput).subscription(async function* ({ ctx, input, signal }) {
      yield* tapes.strip(ctx.connection, input, signal ?? NEVER)
    }),
  })
}
