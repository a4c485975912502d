import * as z from 'zod'
import {
  heartbeatSchema,
  nodeAnswerSchema,
  nodeRegistrationSchema,
  roomPublicationSchema,
} from '../../sfu-core/contract/node-protocol.ts'
import { takeManifestSchema } from '../../sfu-core/contract/take.ts'
import type { TakesApi } from '../takes/takes.api.ts'
import { createTrpcRouter, procedure } from '../trpc.ts'
import type { NodesApi } from './nodes.api.ts'

const enrolInput = z.object({ name: z.string().trim().min(1).max(120) })
const answerInput = z.object({ requestId: z.int().min(1), answer: nodeAnswerSchema })
const NEVER = new AbortController().signal

export function nodesRouter(nodes: NodesApi, takes: TakesApi) {
  return createTrpcRouter({
    enroll: procedure.input(enrolInput).mutation(({ ctx, input }) => nodes.enroll(ctx.connection, input.name)),
    waiting: procedure.input(enrolInput).query(({ ctx, input }) => nodes.waiting(ctx.connection, input.name)),
    register: procedure
      .input(nodeRegistrationSchema)
      .mutation(({ ctx, input }) => nodes.register(ctx.connection, input)),
    requests: procedure.subscription(async function* ({ ctx, signal }) {
      yield* nodes.requests(ctx.connection, signal ?? NEVER)
    }),
    answer: procedure
      .input(answerInput)
      .mutation(({ ctx, input }) => nodes.answer(ctx.connection, input.requestId, input.answer)),
    publish: procedure.input(roomPublicationSchema).mutation(({ ctx, input }) => nodes.publish(ctx.connection, input)),
    heartbeat: procedure.input(heartbeatSchema).mutation(({ ctx, input }) => nodes.heartbeat(ctx.connection, input)),
    reportTake: procedure.input(takeManifestSchema).mutation(({ ctx, input }) => takes.report(ctx.connection, input)),
  })
}
