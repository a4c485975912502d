import { useEffect, useState } from 'react'

/** Whether `active` has held for `delayMs`: what passes sooner is not worth a word. */
export function useLasting(active: boolean, delayMs: number): boolean {
  const [passed, setPassed] = useState(false)
  useEffect(() => {
    if (!active) {
      setPassed(false)
      return
    }
    const timer = setTimeout(() => setPassed(true), delayMs)
    return () => clearTimeout(timer)
  }, [active, delayMs])
  return active && passed
}
