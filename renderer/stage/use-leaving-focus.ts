import { useEffect, useRef } from 'react'

/**
 * For a control that goes away with what it does: focus that is lost with it goes to the heading that is named when
 * the action is done. Returns the function that does it; `act` resolves to whether it was done.
 */
export function useLeavingFocus(): (headingId: string, act: () => Promise<boolean>) => Promise<void> {
  const heading = useRef<string | null>(null)
  useEffect(
    () => () => {
      const id = heading.current
      if (id === null) return
      // A menu or dialog that goes at the same time gives focus back first, if it finds where.
      requestAnimationFrame(() => {
        const nowhere = document.activeElement === null || document.activeElement === document.body
        if (nowhere) document.getElementById(id)?.focus()
      })
    },
    [],
  )
  return async (headingId, act) => {
    heading.current = headingId
    if (!(await act())) heading.current = null
  }
}
