import { useEffect, useState } from 'react'

/** The time of day in ms, moved on each `intervalMs` while `active`. */
export function useNow(intervalMs: number, active: boolean): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    if (!active) return
    setNowMs(Date.now())
    const timer = setInterval(() => setNowMs(Date.now()), intervalMs)
    return () => clearInterval(timer)
  }, [intervalMs, active])
  return nowMs
}
