import { useEffect } from 'react'
import { serverConnection } from '../app/server-connection.ts'
import { useConnection } from '../stores/connection.ts'
import { useLiveRooms } from '../stores/live-rooms.ts'

/** Keeps the list of live rooms current while a screen shows it. */
export function useLiveFeed(): void {
  const identity = useConnection((state) => state.identity)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another identity has another client
  useEffect(() => {
    const { apply } = useLiveRooms.getState()
    const subscription = serverConnection().client.rooms.listFeed.subscribe(undefined, {
      onData: ({ data }) => apply(data),
    })
    return () => subscription.unsubscribe()
  }, [identity])
}
