import { useMemo } from 'react'
import { useCell } from '../stage/use-cell.ts'
import { pageTapes } from '../tape/page-tapes.ts'
import { type Unsent, unsentOf } from './unsent-model.ts'

/** What is still to be sent of recordings that have ended. */
export function useUnsent(): Unsent | null {
  const tapes = useCell(pageTapes().tapes)
  return useMemo(() => unsentOf(tapes), [tapes])
}
