import type { StoredFile, TapeLog, TapeStore } from './tape-store.ts'

/** Tapes in memory: for browsers without storage, for what does not fit on the disk, and for tests. */
export class MemoryStore implements TapeStore {
  readonly isDurable = false
  readonly #tapes = new Map<string, Map<string, Bytes>>()

  /** Of all files. */
  get sizeBytes(): number {
    let sum = 0
    for (const files of this.#tapes.values()) for (const file of files.values()) sum += file.sizeBytes
    return sum
  }

  tapes(): Promise<string[]> {
    return Promise.resolve([...this.#tapes.keys()])
  }

  files(tapeId: string): Promise<StoredFile[]> {
    const files = [...(this.#tapes.get(tapeId) ?? [])]
    return Promise.resolve(files.map(([name, { sizeBytes }]) => ({ name, sizeBytes })))
  }

  read(tapeId: string, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return Promise.resolve(this.#tapes.get(tapeId)?.get(name)?.whole() ?? null)
  }

  write(tapeId: string, name: string, bytes: Uint8Array): Promise<boolean> {
    this.#fresh(tapeId, name).append(bytes)
    return Promise.resolve(false)
  }

  remove(tapeId: string, name: string): Promise<void> {
    const files = this.#tapes.get(tapeId)
    files?.delete(name)
    if (files?.size === 0) this.#tapes.delete(tapeId)
    return Promise.resolve()
  }

  removeTape(tapeId: string): Promise<void> {
    this.#tapes.delete(tapeId)
    return Promise.resolve()
  }

  openLog(tapeId: string, name: string): Promise<TapeLog> {
    return Promise.resolve(this.#fresh(tapeId, name))
  }

  #fresh(tapeId: string, name: string): Bytes {
    const files = this.#tapes.get(tapeId) ?? new Map<string, Bytes>()
    this.#tapes.set(tapeId, files)
    const file = new Bytes()
    files.set(name, file)
    return file
  }
}

class Bytes implements TapeLog {
  readonly isWhole = true
  readonly #pieces: Uint8Array<ArrayBuffer>[] = []
  #sizeBytes = 0

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  append(bytes: Uint8Array): void {
    this.#pieces.push(bytes.slice())
    this.#sizeBytes += bytes.length
  }

  whole(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#sizeBytes)
    let at = 0
    for (const piece of this.#pieces) {
      all.set(piece, at)
      at += piece.length
    }
    return all
  }

  flush(): void {}

  close(): void {}
}
