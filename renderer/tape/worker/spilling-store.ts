import { MemoryStore } from './memory-store.ts'
import { type StoredFile, StoreFullError, type TapeLog, type TapeStore } from './tape-store.ts'

/**
 * A store that never is full: what the disk does not take is kept in memory, and goes to the disk as soon as there is
 * room again. Nothing written earlier is given up for it.
 */
export class SpillingStore implements TapeStore {
  readonly #disk: TapeStore
  readonly #memory = new MemoryStore()
  readonly #onSpill: () => void
  #settling = false

  constructor(disk: TapeStore, onSpill: () => void = () => undefined) {
    this.#disk = disk
    this.#onSpill = onSpill
  }

  get isDurable(): boolean {
    return this.#disk.isDurable
  }

  /** In memory because the disk is full. */
  get spilledBytes(): number {
    return this.#memory.sizeBytes
  }

  async tapes(): Promise<string[]> {
    const [onDisk, inMemory] = await Promise.all([this.#disk.tapes(), this.#memory.tapes()])
    return [...new Set([...onDisk, ...inMemory])]
  }

  async files(tapeId: string): Promise<StoredFile[]> {
    const [onDisk, inMemory] = await Promise.all([this.#disk.files(tapeId), this.#memory.files(tapeId)])
    const files = new Map(onDisk.map((file) => [file.name, file]))
    for (const file of inMemory) files.set(file.name, file)
    return [...files.values()]
  }

  async read(tapeId: string, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return (await this.#memory.read(tapeId, name)) ?? this.#disk.read(tapeId, name)
  }

  async write(tapeId: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    try {
      const isKept = await this.#disk.write(tapeId, name, bytes)
      await this.#memory.remove(tapeId, name)
      return isKept
    } catch (error) {
      if (!(error instanceof StoreFullError)) throw error
      await this.#memory.write(tapeId, name, bytes)
      this.#onSpill()
      return false
    }
  }

  async remove(tapeId: string, name: string): Promise<void> {
    await this.#memory.remove(tapeId, name)
    await this.#disk.remove(tapeId, name)
    void this.#settle()
  }

  async removeTape(tapeId: string): Promise<void> {
    await this.#memory.removeTape(tapeId)
    await this.#disk.removeTape(tapeId)
    void this.#settle()
  }

  /** A journal that does not fit is given up: its samples are in memory anyway until their chunk is written. */
  async openLog(tapeId: string, name: string): Promise<TapeLog> {
    try {
      return new ForgivingLog(await this.#disk.openLog(tapeId, name), this.#onSpill)
    } catch (error) {
      if (!(error instanceof StoreFullError)) throw error
      this.#onSpill()
      return NO_LOG
    }
  }

  /** Room has come: what waits in memory is tried again. */
  async #settle(): Promise<void> {
    if (this.#settling || this.#memory.sizeBytes === 0) return
    this.#settling = true
    try {
      for (const tapeId of await this.#memory.tapes()) await this.#settleTape(tapeId)
    } catch {
      // Still full: the next removal tries again.
    } finally {
      this.#settling = false
    }
    this.#onSpill()
  }

  async #settleTape(tapeId: string): Promise<void> {
    for (const { name } of await this.#memory.files(tapeId)) {
      const bytes = await this.#memory.read(tapeId, name)
      if (bytes === null) continue
      await this.#disk.write(tapeId, name, bytes)
      // It may have been sent and removed meanwhile.
      if ((await this.#memory.read(tapeId, name)) === null) await this.#disk.remove(tapeId, name)
      else await this.#memory.remove(tapeId, name)
    }
  }
}

class ForgivingLog implements TapeLog {
  readonly #log: TapeLog
  readonly #onFull: () => void
  #isFull = false

  get isWhole(): boolean {
    return !this.#isFull
  }

  constructor(log: TapeLog, onFull: () => void) {
    this.#log = log
    this.#onFull = onFull
  }

  append(bytes: Uint8Array): void {
    this.#unlessFull(() => this.#log.append(bytes))
  }

  flush(): void {
    this.#unlessFull(() => this.#log.flush())
  }

  close(): void {
    this.#log.close()
  }

  #unlessFull(write: () => void): void {
    if (this.#isFull) return
    try {
      write()
    } catch (error) {
      if (!(error instanceof StoreFullError)) throw error
      this.#isFull = true
      this.#onFull()
    }
  }
}

const NO_LOG: TapeLog = { isWhole: false, append: () => undefined, flush: () => undefined, close: () => undefined }
