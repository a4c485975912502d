import type { ServerClient } from '../contract/client.ts'
import type { RoomFeed } from '../contract/views.ts'

/** Collects a room's feed until `stop`. */
export function followRoom(client: ServerClient, seat: string) {
  const messages: RoomFeed[] = []
  const outcome: { completed: boolean; error: unknown } = { completed: false, error: null }
  const subscription = client.api.rooms.events.subscribe(
    { seat },
    {
      onData: ({ data }) => messages.push(data),
      onComplete: () => {
        outcome.completed = true
      },
      onError: (error) => {
        outcome.error = error
      },
    },
  )
  return { messages, outcome, stop: () => subscription.unsubscribe() }
}
