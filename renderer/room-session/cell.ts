/** A value that can be read and watched. What React's useSyncExternalStore wants, without React. */
export interface Cell<T> {
  get(): T
  /** Calls after each change; returns the end of the watch. */
  subscribe(listener: () => void): () => void
}

export interface WritableCell<T> extends Cell<T> {
  /** Tells the watchers, unless the value is the same (Object.is). */
  set(value: T): void
}

/** One owner writes, the rest of the page gets the `Cell` side. */
export function cell<T>(initial: T): WritableCell<T> {
  const listeners = new Set<() => void>()
  let current = initial
  return {
    get: () => current,
    set: (value) => {
      if (Object.is(current, value)) return
      current = value
      for (const listener of [...listeners]) listener()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
