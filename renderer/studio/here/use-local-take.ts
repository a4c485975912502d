import { useEffect, useState } from 'react'
import type { LocalStudioBridge, LocalTake } from '../../../electron/contract/studio.ts'

/** Chunks come in while a screen shows the take. */
const LOOK_INTERVAL_MS = 5_000

/** What this computer has of a take, kept current. undefined: it is being looked for; null: nothing. */
export function useLocalTake(studio: LocalStudioBridge, takeId: string): LocalTake | null | undefined {
  const [take, setTake] = useState<LocalTake | null | undefined>(undefined)
  useEffect(() => {
    let isShown = true
    const look = () =>
      studio.take(takeId).then(
        (found) => isShown && setTake(found),
        () => isShown && setTake(null),
      )
    const end = studio.onJob((job) => {
      if (job.takeId !== takeId) return
      setTake((known) => (known ? { ...known, job } : known))
      if (job.state !== 'running') void look()
    })
    void look()
    const timer = setInterval(() => void look(), LOOK_INTERVAL_MS)
    return () => {
      isShown = false
      end()
      clearInterval(timer)
    }
  }, [studio, takeId])
  return take
}
