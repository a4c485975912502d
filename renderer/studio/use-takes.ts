import { useEffect } from 'react'
import { serverConnection } from '../app/server-connection.ts'
import { type LoadHandle, useLoad } from '../app/use-load.ts'
import { useConnection } from '../stores/connection.ts'
import { type MyTake, stateOf } from './take-facts.ts'

/** While something is recorded or sent, the list is asked for this often. */
const GROWING_INTERVAL_MS = 3_000

/** One's takes; kept current while any of them changes by itself. */
export function useTakes(): LoadHandle<MyTake[]> {
  const handle = useLoad('takes', () => serverConnection().client.takes.mine.query())
  const { loaded, reload } = handle
  const growing = loaded.state === 'ready' && loaded.value.some(changesByItself)
  useEffect(() => {
    if (!growing) return
    const timer = setInterval(() => useConnection.getState().line === 'online' && reload(), GROWING_INTERVAL_MS)
    return () => clearInterval(timer)
  }, [growing, reload])
  return handle
}

function changesByItself(take: MyTake): boolean {
  const state = stateOf(take)
  return state === 'running' || state === 'sending'
}
