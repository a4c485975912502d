import type { ServerClient } from '../../server/contract/client.ts'
import { failureOf } from '../app/api-error.ts'
import type { Clock } from './clock.ts'
import { type FeedListener, SignallingError, type SignallingPort, type StripListener } from './ports.ts'

/** An action that was not answered by then is taken as not done; the room's state tells the truth. */
const ACT_TIMEOUT_MS = 10_000

/** The server by its tRPC client; `api` gives the one of now, because signing in replaces it. */
export function trpcSignalling(api: () => ServerClient['api'], clock: Clock): SignallingPort {
  return {
    join: ({ roomId, invite, name, seat }, signal) =>
      told(
        api().rooms.join.mutate(
          {
            roomId,
            ...(invite !== null && { invite }),
            ...(name !== null && { name }),
            ...(seat !== null && { seat }),
          },
          { signal },
        ),
      ),
    offer: (request, signal) => told(api().rooms.offer.mutate(request, { signal })),
    candidates: async (request, signal) => {
      await told(api().rooms.candidates.mutate(request, { signal }))
    },
    act: async (seat, action) => {
      await told(withTimeout(clock, (signal) => api().rooms.act.mutate({ seat, action }, { signal })))
    },
    endRoom: (roomId) => told(withTimeout(clock, (signal) => api().rooms.end.mutate({ roomId }, { signal }))),
    events: (seat, listener) => follow(api(), seat, listener),
    strip: (seat, listener) => followStrip(api(), seat, listener),
  }
}

async function told<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof SignallingError) throw error
    const { reason, retryAfterMs } = failureOf(error)
    throw new SignallingError(reason, retryAfterMs)
  }
}

function withTimeout<T>(clock: Clock, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController()
  return new Promise<T>((resolve, reject) => {
    const end = clock.after(ACT_TIMEOUT_MS, () => {
      reject(new SignallingError('timed-out'))
      abort.abort()
    })
    ask(abort.signal).then(resolve, reject).finally(end)
  })
}

function follow(api: ServerClient['api'], seat: string, listener: FeedListener): () => void {
  let ended = false
  const subscription = api.rooms.events.subscribe(
    { seat },
    {
      onData: ({ id, data }) => !ended && listener.onFeed(data, epochOf(id)),
      onError: (error) => !ended && listener.onRefused(failureOf(error).reason),
      // The server has no more to say although nobody here ended it: a new join brings a new feed.
      onComplete: () => !ended && listener.onRefused('server-error'),
      onConnectionStateChange: (change) => {
        if (ended) return
        if (change.state === 'pending') listener.onLine(true)
        else if (change.state === 'connecting' && change.error !== null) listener.onLine(false)
      },
    },
  )
  return () => {
    ended = true
    subscription.unsubscribe()
  }
}

function followStrip(api: ServerClient['api'], seat: string, listener: StripListener): () => void {
  let ended = false
  const end = () => {
    if (ended) return
    ended = true
    listener.onEnd()
  }
  const onData = (standings: Parameters<StripListener['onStandings']>[0]) => !ended && listener.onStandings(standings)
  const subscription = api.tapes.strip.subscribe({ seat }, { onData, onError: end, onComplete: end })
  return () => {
    ended = true
    subscription.unsubscribe()
  }
}

/** What the server writes while the node has not yet published (server/rooms/live-room.ts). */
const NO_EPOCH = 'none'

/** Feed ids are `${epoch}:${seq}`. */
function epochOf(id: string): string | null {
  const colon = id.lastIndexOf(':')
  const epoch = id.slice(0, Math.max(0, colon))
  return epoch === '' || epoch === NO_EPOCH ? null : epoch
}
