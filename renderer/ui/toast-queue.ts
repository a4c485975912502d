import type { Tone } from './Notice.tsx'

export interface Toast {
  id: number
  tone: Tone
  text: string
}

/** More than this many at once nobody reads: the oldest goes. */
export const TOASTS_MAX = 3

type Listener = () => void

/** The messages on screen now. Errors stay until they are closed; the region takes the rest away. */
export class ToastQueue {
  #toasts: readonly Toast[] = []
  #lastId = 0
  readonly #listeners = new Set<Listener>()

  /** The same array until something changes (for useSyncExternalStore). */
  readonly current = (): readonly Toast[] => this.#toasts

  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A message that is already on screen is not said twice. */
  add(tone: Tone, text: string): void {
    if (this.#toasts.some((toast) => toast.tone === tone && toast.text === text)) return
    this.#lastId += 1
    this.#set([...this.#toasts, { id: this.#lastId, tone, text }].slice(-TOASTS_MAX))
  }

  remove(id: number): void {
    this.#set(this.#toasts.filter((toast) => toast.id !== id))
  }

  #set(toasts: readonly Toast[]): void {
    this.#toasts = toasts
    for (const listener of this.#listeners) listener()
  }
}

/** The page's own queue, shown by ToastRegion. */
export const toastQueue = new ToastQueue()

/** Shows a short message over the top of the page and reads it aloud. */
export function showToast(tone: Tone, text: string): void {
  toastQueue.add(tone, text)
}
