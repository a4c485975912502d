import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { isInRoom, usePresence } from '../stores/presence.ts'
import { useUnsentDialog } from '../stores/unsent-dialog.ts'
import { pageTapes } from '../tape/page-tapes.ts'
import { showToast } from '../ui/index.ts'
import { isCapturing, isWorthTelling, unsentOf } from './unsent-model.ts'

/** By then the capture has ended, its last chunk is made, and a healthy line has most of it. */
const SETTLED_MS = 2_000

/** Who leaves a room while much of their voice is only here is told at once, and may wait for it. */
export function useToldAfterLeaving(): void {
  const inRoom = usePresence(isInRoom)
  const captured = useCapturedHere()
  const was = useRef(inRoom)
  useEffect(() => {
    const hasLeft = was.current && !inRoom
    was.current = inRoom
    if (!hasLeft) return
    const timer = setTimeout(() => {
      const unsent = unsentOf(pageTapes().tapes.get())
      const tapeIds = new Set(captured)
      captured.clear()
      if (unsent !== null && isWorthTelling(unsent, tapeIds)) useUnsentDialog.getState().show({ why: 'left' })
    }, SETTLED_MS)
    return () => clearTimeout(timer)
  }, [inRoom, captured])
}

/** Tapes that this page captured, or captures. */
function useCapturedHere(): Set<string> {
  const { current: ids } = useRef(new Set<string>())
  useEffect(() => {
    const { tapes } = pageTapes()
    const look = () => {
      for (const tape of tapes.get()) if (isCapturing([tape])) ids.add(tape.tapeId)
    }
    look()
    return tapes.subscribe(look)
  }, [ids])
  return ids
}

/** Says when the last of it is at the server, to those who saw that it was not. */
export function useToldWhenSent(shown: boolean): void {
  const { t } = useTranslation('unsent')
  const wasShown = useRef(shown)
  if (shown) wasShown.current = true
  useEffect(() => {
    const { tapes } = pageTapes()
    return tapes.subscribe(() => {
      const all = tapes.get()
      if (!wasShown.current || unsentOf(all) !== null) return
      wasShown.current = false
      // What was discarded goes without having been sent.
      if (all.some(({ phase }) => phase === 'sent')) showToast('success', t('allSent'))
    })
  }, [t])
}
