import { useSyncExternalStore } from 'react'
import type { Cell } from '../room-session/cell.ts'

/** The value of a cell, or what `select` makes of it; shows again only when that changes (Object.is). */
export function useCell<T>(cell: Cell<T>): T
export function useCell<T, Selected>(cell: Cell<T>, select: (value: T) => Selected): Selected
export function useCell<T, Selected>(cell: Cell<T>, select?: (value: T) => Selected): T | Selected {
  return useSyncExternalStore(cell.subscribe, () => (select === undefined ? cell.get() : select(cell.get())))
}
