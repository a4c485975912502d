import { lazy, Suspense, useEffect, useState } from 'react'
import { desktopBridge } from '../app/desktop.ts'
import { patiently } from '../app/patiently.ts'
import { useCell } from '../stage/use-cell.ts'
import { pageTapes } from '../tape/page-tapes.ts'
import { closingMatters } from './unsent-model.ts'

/** Comes with the first tape, while the line is there: who only listens never loads it. */
const UnsentStrip = lazy(async () => ({ default: (await patiently(() => import('./UnsentStrip.tsx'))).UnsentStrip }))

/** All that the page says, on every screen, of recordings that are still on this computer. */
export function Unsent() {
  const any = useCell(pageTapes().tapes, (tapes) => tapes.length > 0)
  const [needed, setNeeded] = useState(any)
  useEffect(() => {
    if (any) setNeeded(true)
  }, [any])
  useGuardedClosing()
  if (!needed) return null
  return (
    <Suspense fallback={null}>
      <UnsentStrip />
    </Suspense>
  )
}

/**
 * The browser asks, in its own words, before the tab is closed or loaded anew. In the desktop app, where nobody would be
 * asked so, the app itself does when it is quit (electron/main/quit.ts).
 */
function useGuardedClosing(): void {
  const guarded = useCell(pageTapes().tapes, closingMatters)
  useEffect(() => {
    if (!guarded || desktopBridge() !== null) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [guarded])
}
