import { tracked } from '@trpc/server'
import * as z from 'zod'
import {
  actInput,
  candidatesInput,
  createRoomInput,
  eventsInput,
  getRoomInput,
  goLiveInput,
  joinInput,
  offerInput,
  roomInput,
} from '../contract/inputs.ts'
import { createTrpcRouter, procedure } from '../trpc.ts'
import type { RoomsApi, Tracked } from './rooms.api.ts'

const listFeedInput = z.object({ lastEventId: z.string().max(100).nullish() }).optional()
const NEVER = new AbortController().signal

export function roomsRouter(rooms: RoomsApi) {
  return createTrpcRouter({
    create: procedure.input(createRoomInput).mutation(({ ctx, input }) => rooms.create(ctx.connection, input)),
    get: procedure.input(getRoomInput).query(({ ctx, input }) => rooms.get(ctx.connection, input)),
    mine: procedure.query(({ ctx }) => rooms.mine(ctx.connection)),
    live: procedure.query(({ ctx }) => rooms.live(ctx.connection)),
    goLive: procedure.input(goLiveInput).mutation(({ ctx, input }) => rooms.goLive(ctx.connection, input)),
    end: procedure.input(roomInput).mutation(({ ctx, input }) => rooms.end(ctx.connection, input)),
    renewInvite: procedure.input(roomInput).mutation(({ ctx, input }) => rooms.renewInvite(ctx.connection, input)),
    join: procedure.input(joinInput).mutation(({ ctx, input }) => rooms.join(ctx.connection, input)),
    offer: procedure.input(offerInput).mutation(({ ctx, input }) => rooms.offer(ctx.connection, input)),
    candidates: procedure.input(candidatesInput).mutation(({ ctx, input }) => rooms.candidates(ctx.connection, input)),
    act: procedure.input(actInput).mutation(({ ctx, input }) => rooms.act(ctx.connection, input)),
    events: procedure
      .input(eventsInput)
      .subscription(({ ctx, input, signal }) => withIds(rooms.events(ctx.connection, input, signal ?? NEVER))),
    listFeed: procedure
      .input(listFeedInput)
      .subscription(({ ctx, input, signal }) =>
        withIds(rooms.listFeed(ctx.connection, input?.lastEventId ?? undefined, signal ?? NEVER)),
      ),
  })
}

async function* withIds<T>(messages: AsyncIterable<Tracked<T>>) {
  for await (const [eventId, message] of messages) yield tracked(eventId, message)
}
