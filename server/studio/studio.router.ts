import { jobInput, saveEditsInput, startJobInput, takeInput } from '../contract/inputs.ts'
import { createTrpcRouter, procedure } from '../trpc.ts'
import type { StudioApi } from './studio.api.ts'

const NEVER = new AbortController().signal

export function studioRouter(studio: StudioApi) {
  return createTrpcRouter({
    take: procedure.input(takeInput).query(({ ctx, input }) => studio.take(ctx.connection, input.takeId)),
    saveEdits: procedure.input(saveEditsInput).mutation(({ ctx, input }) => studio.saveEdits(ctx.connection, input)),
    start: procedure.input(startJobInput).mutation(({ ctx, input }) => studio.start(ctx.connection, input)),
    cancel: procedure.input(jobInput).mutation(({ ctx, input }) => studio.cancel(ctx.connection, input.jobId)),
    jobs: procedure
      .input(takeInput)
      .subscription(({ ctx, input, signal }) => studio.jobs(ctx.connection, input.takeId, signal ?? NEVER)),
  })
}
