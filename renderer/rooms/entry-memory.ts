/** How this tab entered a room, kept so that a reload goes straight back in. Ends with the tab. */
export interface Entry {
  /** Guests only. */
  name: string | null
}

const keyOf = (roomId: string) => `engawa.entered.${roomId}`

export function rememberEntry(roomId: string, entry: Entry): void {
  sessionStorage.setItem(keyOf(roomId), JSON.stringify(entry))
}

export function forgetEntry(roomId: string): void {
  sessionStorage.removeItem(keyOf(roomId))
}

/** null: this tab is not in the room. */
export function recallEntry(roomId: string): Entry | null {
  const stored = sessionStorage.getItem(keyOf(roomId))
  if (stored === null) return null
  try {
    const entry: unknown = JSON.parse(stored)
    if (typeof entry !== 'object' || entry === null || !('name' in entry)) return null
    return { name: typeof entry.name === 'string' ? entry.name : null }
  } catch {
    return null
  }
}
