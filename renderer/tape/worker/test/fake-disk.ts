import { type StoredFile, StoreFullError, type TapeLog, type TapeStore } from '../tape-store.ts'

/** A disk of a given size that outlives its page: what a later page finds is what was written, and nothing else. */
export class FakeDisk implements TapeStore {
  readonly isDurable = true
  capacityBytes: number
  readonly #tapes = new Map<string, Map<string, Uint8Array<ArrayBuffer>>>()

  constructor(capacityBytes = Number.POSITIVE_INFINITY) {
    this.capacityBytes = capacityBytes
  }

  get usedBytes(): number {
    let sum = 0
    for (const files of this.#tapes.values()) for (const bytes of files.values()) sum += bytes.length
    return sum
  }

  tapes(): Promise<string[]> {
    return Promise.resolve([...this.#tapes.keys()])
  }

  files(tapeId: string): Promise<StoredFile[]> {
    const files = [...(this.#tapes.get(tapeId) ?? [])]
    return Promise.resolve(files.map(([name, bytes]) => ({ name, sizeBytes: bytes.length })))
  }

  /** What is on it at this moment. */
  copy(): FakeDisk {
    const copy = new FakeDisk(this.capacityBytes)
    for (const [tapeId, files] of this.#tapes) copy.#tapes.set(tapeId, new Map(files))
    return copy
  }

  names(tapeId: string): string[] {
    return [...(this.#tapes.get(tapeId)?.keys() ?? [])].sort()
  }

  /** As a power cut or a bad sector leaves it. */
  damage(tapeId: string, name: string, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): void {
    const files = this.#tapes.get(tapeId)
    const bytes = files?.get(name)
    if (files === undefined || bytes === undefined) throw new Error(`no ${name}`)
    files.set(name, change(bytes.slice()))
  }

  read(tapeId: string, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return Promise.resolve(this.#tapes.get(tapeId)?.get(name)?.slice() ?? null)
  }

  write(tapeId: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const before = this.#tapes.get(tapeId)?.get(name)?.length ?? 0
    if (this.usedBytes - before + bytes.length > this.capacityBytes) return Promise.reject(new StoreFullError('full'))
    this.#folder(tapeId).set(name, bytes.slice())
    return Promise.resolve(true)
  }

  remove(tapeId: string, name: string): Promise<void> {
    this.#tapes.get(tapeId)?.delete(name)
    return Promise.resolve()
  }

  removeTape(tapeId: string): Promise<void> {
    this.#tapes.delete(tapeId)
    return Promise.resolve()
  }

  openLog(tapeId: string, name: string): Promise<TapeLog> {
    this.#folder(tapeId).set(name, new Uint8Array())
    const append = (bytes: Uint8Array) => {
      if (this.usedBytes + bytes.length > this.capacityBytes) throw new StoreFullError('full')
      const before = this.#tapes.get(tapeId)?.get(name) ?? new Uint8Array()
      const after = new Uint8Array(before.length + bytes.length)
      after.set(before)
      after.set(bytes, before.length)
      this.#folder(tapeId).set(name, after)
    }
    return Promise.resolve({ isWhole: true, append, flush: () => undefined, close: () => undefined })
  }

  #folder(tapeId: string): Map<string, Uint8Array<ArrayBuffer>> {
    const files = this.#tapes.get(tapeId) ?? new Map<string, Uint8Array<ArrayBuffer>>()
    this.#tapes.set(tapeId, files)
    return files
  }
}
