import { useCallback, useEffect, useRef, useState } from 'react'
import { useConnection } from '../stores/connection.ts'
import { type Failure, failureOf } from './api-error.ts'

/** What a screen shows of something that is loaded. A value stays while it is loaded again. */
export type Loaded<T> = { state: 'loading' } | { state: 'ready'; value: T } | { state: 'failed'; failure: Failure }

export interface LoadHandle<T> {
  loaded: Loaded<T>
  reload: () => void
  /** Puts in what an action answered, without asking again. */
  put: (value: T) => void
}

/**
 * Loads when the screen comes, when `key` changes, when another person signs in, and when the line to the
 * server is back after a failure. A late answer to an old question is dropped.
 */
export function useLoad<T>(key: string, load: () => Promise<T>): LoadHandle<T> {
  const identity = useConnection((state) => state.identity)
  const line = useConnection((state) => state.line)
  const [loaded, setLoaded] = useState<{ key: string; loaded: Loaded<T> }>({ key, loaded: { state: 'loading' } })
  const [round, setRound] = useState(0)
  const latest = useRef(load)
  latest.current = load
  const question = useRef(0)

  const put = useCallback(
    (value: T) => {
      question.current += 1
      setLoaded({ key, loaded: { state: 'ready', value } })
    },
    [key],
  )
  const reload = useCallback(() => setRound((count) => count + 1), [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: identity and round ask the same question anew
  useEffect(() => {
    question.current += 1
    const mine = question.current
    const settle = (answer: Loaded<T>) => mine === question.current && setLoaded({ key, loaded: answer })
    latest.current().then(
      (value) => settle({ state: 'ready', value }),
      (error: unknown) => settle({ state: 'failed', failure: failureOf(error) }),
    )
    return () => {
      question.current += 1
    }
  }, [key, identity, round])

  const current: Loaded<T> = loaded.key === key ? loaded.loaded : { state: 'loading' }
  const cutOff = current.state === 'failed' && current.failure.reason === 'offline'
  useEffect(() => {
    if (line === 'online' && cutOff) reload()
  }, [line, cutOff, reload])

  return { loaded: current, reload, put }
}
