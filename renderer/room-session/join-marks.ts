import type { JoinMark } from './ports.ts'

/** A press this recent was marked by the button itself. */
const PRESS_FRESH_MS = 3_000

/** Marks a moment of the join on the page's timeline, for `npm run bench -- join` and for developer tools. */
export function markJoin(name: JoinMark): void {
  const full = `engawa:${name}`
  if (name === 'join-click' && markedLately(full)) return
  performance.mark(full)
}

function markedLately(name: string): boolean {
  const last = performance.getEntriesByName(name, 'mark').at(-1)
  return last !== undefined && performance.now() - last.startTime < PRESS_FRESH_MS
}
