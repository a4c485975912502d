/** How this tab entered a room, kept so that a reload goes straight back in. Ends with the tab. */
export interface Entry {
  /** Guests only. */
  name: string | null
}

const keyOf = (roomId: string) => `engawa.entered.${roomId}`

export function rememberEntry(roomId: string, entry: Entry): void {
  quietly(() => sessionStorage.setItem(keyOf(roomId), JSON.stringify(entry)))
}

export function forgetEntry(roomId: string): void {
  quietly(() => sessionStorage.removeItem(keyOf(roomId)))
}

/** null: this tab is not in the room. */
export function recallEntry(roomId: string): Entry | null {
  const stored = quietly(() => sessionStorage.getItem(keyOf(roomId))) ?? null
  if (stored === null) return null
  try {
    const entry: unknown = JSON.parse(stored)
    if (typeof entry !== 'object' || entry === null || !('name' in entry)) return null
    return { name: typeof entry.name === 'string' ? entry.name : null }
  } catch {
    return null
  }
}

/** Where storage is forbidden or full, a reload asks again at the entry. */
function quietly<T>(use: () => T): T | undefined {
  try {
    return use()
  } catch {
    return undefined
  }
}
