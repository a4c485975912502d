import type * as z from 'zod'
import type { Connection } from '../call-context.ts'
import type {
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
import type { Admission, OfferAnswer, RoomFeed, RoomListFeed, RoomView } from '../contract/views.ts'

/** The rules about rooms, as the router sees them. All refuse with Refusal. */
export interface RoomsApi {
  create(caller: Connection, input: z.output<typeof createRoomInput>): Promise<RoomView>
  get(caller: Connection, input: z.output<typeof getRoomInput>): Promise<RoomView>
  mine(caller: Connection): Promise<RoomView[]>
  live(caller: Connection): Promise<RoomView[]>
  goLive(caller: Connection, input: z.output<typeof goLiveInput>): Promise<RoomView>
  end(caller: Connection, input: z.output<typeof roomInput>): Promise<RoomView>
  renewInvite(caller: Connection, input: z.output<typeof roomInput>): Promise<RoomView>
  join(caller: Connection, input: z.output<typeof joinInput>): Promise<Admission>
  offer(caller: Connection, input: z.output<typeof offerInput>): Promise<OfferAnswer>
  candidates(caller: Connection, input: z.output<typeof candidatesInput>): Promise<null>
  act(caller: Connection, input: z.output<typeof actInput>): Promise<null>
  events(caller: Connection, input: z.output<typeof eventsInput>, signal: AbortSignal): AsyncIterable<Tracked<RoomFeed>>
  listFeed(
    caller: Connection,
    lastEventId: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Tracked<RoomListFeed>>
}

/** A message of a feed with the id to resume from. */
export type Tracked<T> = readonly [eventId: string, message: T]
