import * as z from 'zod'
import { takeIdSchema } from '../../sfu-core/contract/ids.ts'
import { roomInput } from '../contract/inputs.ts'
import { createTrpcRouter, procedure } from '../trpc.ts'
import type { TakesApi } from './takes.api.ts'

const takeInput = z.object({ takeId: takeIdSchema })

export function takesRouter(takes: TakesApi) {
  return createTrpcRouter({
    list: procedure.input(roomInput).query(({ ctx, input }) => takes.list(ctx.connection, input.roomId)),
    mine: procedure.query(({ ctx }) => takes.mine(ctx.connection)),
    ticket: procedure.input(takeInput).query(({ ctx, input }) => takes.ticket(ctx.connection, input.takeId)),
  })
}
