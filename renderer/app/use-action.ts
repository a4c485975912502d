import { useCallback, useEffect, useRef, useState } from 'react'
import { useConnection } from '../stores/connection.ts'
import { type Failure, failureOf, OfflineError } from './api-error.ts'

export interface Action<Args extends unknown[]> {
  /** A second call while the first runs does nothing. */
  run: (...args: Args) => void
  pending: boolean
  failure: Failure | null
  clear: () => void
}

/**
 * Something that a press starts on the server. While the line is down it fails at once, because a press that
 * takes effect minutes later is a surprise.
 */
export function useAction<Args extends unknown[]>(act: (...args: Args) => Promise<unknown>): Action<Args> {
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const latest = useRef(act)
  latest.current = act
  const running = useRef(false)
  const mounted = useRef(true)
  useEffect(() => {
    mounted.current = true
    return () => {
      mounted.current = false
    }
  }, [])

  const run = useCallback((...args: Args) => {
    if (running.current) return
    running.current = true
    setPending(true)
    setFailure(null)
    const acted =
      useConnection.getState().line === 'offline' ? Promise.reject(new OfflineError()) : latest.current(...args)
    acted
      .catch((error: unknown) => mounted.current && setFailure(failureOf(error)))
      .finally(() => {
        running.current = false
        if (mounted.current) setPending(false)
      })
  }, [])
  const clear = useCallback(() => setFailure(null), [])
  return { run, pending, failure, clear }
}
