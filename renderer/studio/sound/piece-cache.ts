/** A decoded piece of one track, or that it is on its way. */
interface Entry<Piece> {
  piece: Piece | null
  abort: AbortController
}

/** Keeps the pieces used last; what is on its way and no longer wanted is called off. */
export class PieceCache<Piece> {
  readonly #capacity: number
  readonly #entries = new Map<string, Entry<Piece>>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** The piece, if it is there. Counts as a use. */
  get(key: string): Piece | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.piece
  }

  /** Loads the piece unless it is there or on its way; answers null then. A piece that failed can be asked for again. */
  load(key: string, load: (signal: AbortSignal) => Promise<Piece>): Promise<Piece> | null {
    if (this.#entries.has(key)) return null
    const abort = new AbortController()
    const entry: Entry<Piece> = { piece: null, abort }
    this.#entries.set(key, entry)
    this.#makeRoom()
    return load(abort.signal).then(
      (piece) => {
        entry.piece = piece
        return piece
      },
      (error: unknown) => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key)
        throw error
      },
    )
  }

  /** Calls off what is on its way, but for `wanted`. */
  keepWaitingFor(wanted: ReadonlySet<string>): void {
    for (const [key, entry] of this.#entries) {
      if (entry.piece !== null || wanted.has(key)) continue
      this.#entries.delete(key)
      entry.abort.abort()
    }
  }

  clear(): void {
    this.keepWaitingFor(new Set())
    this.#entries.clear()
  }

  #makeRoom(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= this.#capacity) return
      this.#entries.delete(key)
      entry.abort.abort()
    }
  }
}
