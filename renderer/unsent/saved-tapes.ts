import { cell } from '../room-session/cell.ts'
import { useCell } from '../stage/use-cell.ts'

const saved = cell<ReadonlySet<string>>(new Set())

/** Whether this tape was saved to a file, by this page. */
export function useIsSaved(tapeId: string): boolean {
  return useCell(saved, (ids) => ids.has(tapeId))
}

export function noteSaved(tapeId: string): void {
  saved.set(new Set([...saved.get(), tapeId]))
}
