import { type StoredFile, StoreFullError, type TapeLog, type TapeStore } from './tape-store.ts'

/** In the origin's private file system. */
const FOLDER = 'engawa-tapes'

/**
 * Tapes in the browser's own files (https://fs.spec.whatwg.org). Writes go through FileSystemSyncAccessHandle, which
 * only workers have: what it wrote is the operating system's, and survives the end of the browser.
 */
export class OpfsStore implements TapeStore {
  readonly isDurable = true
  readonly #root: FileSystemDirectoryHandle

  private constructor(root: FileSystemDirectoryHandle) {
    this.#root = root
  }

  /** Null where this browser, or this window, has none that can be written from here. */
  static async open(): Promise<OpfsStore | null> {
    try {
      const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true })
      return (await canWrite(root)) ? new OpfsStore(root) : null
    } catch {
      return null
    }
  }

  async tapes(): Promise<string[]> {
    const names: string[] = []
    for await (const [name, entry] of this.#root.entries()) if (entry.kind === 'directory') names.push(name)
    return names
  }

  async files(tapeId: string): Promise<StoredFile[]> {
    const folder = await this.#folder(tapeId)
    const files: StoredFile[] = []
    if (folder === null) return files
    for await (const [name, entry] of folder.entries()) {
      if (entry.kind !== 'file') continue
      const { size } = await (entry as FileSystemFileHandle).getFile()
      files.push({ name, sizeBytes: size })
    }
    return files
  }

  async read(tapeId: string, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const folder = await this.#folder(tapeId)
    if (folder === null) return null
    try {
      const file = await (await folder.getFileHandle(name)).getFile()
      return new Uint8Array(await file.arrayBuffer())
    } catch (error) {
      if (isNotFound(error)) return null
      throw error
    }
  }

  async write(tapeId: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const log = await this.#openFile(tapeId, name)
    try {
      log.append(bytes)
      log.flush()
      log.assertHas(bytes)
    } catch (error) {
      log.close()
      await this.remove(tapeId, name)
      throw error
    }
    log.close()
    return true
  }

  async remove(tapeId: string, name: string): Promise<void> {
    const folder = await this.#folder(tapeId)
    await folder?.removeEntry(name).catch(unlessNotFound)
  }

  async removeTape(tapeId: string): Promise<void> {
    await this.#root.removeEntry(tapeId, { recursive: true }).catch(unlessNotFound)
  }

  openLog(tapeId: string, name: string): Promise<TapeLog> {
    return this.#openFile(tapeId, name)
  }

  async #openFile(tapeId: string, name: string): Promise<OpfsLog> {
    try {
      const folder = await this.#root.getDirectoryHandle(tapeId, { create: true })
      const file = await folder.getFileHandle(name, { create: true })
      return new OpfsLog(await file.createSyncAccessHandle())
    } catch (error) {
      throw asStoreError(error)
    }
  }

  async #folder(tapeId: string): Promise<FileSystemDirectoryHandle | null> {
    try {
      return await this.#root.getDirectoryHandle(tapeId)
    } catch (error) {
      if (isNotFound(error)) return null
      throw error
    }
  }
}

class OpfsLog implements TapeLog {
  readonly isWhole = true
  readonly #handle: FileSystemSyncAccessHandle
  #at = 0
  #isOpen = true

  constructor(handle: FileSystemSyncAccessHandle) {
    this.#handle = handle
    handle.truncate(0)
  }

  append(bytes: Uint8Array<ArrayBuffer>): void {
    try {
      const written = this.#handle.write(bytes, { at: this.#at })
      if (written < bytes.length) throw new StoreFullError(`${written} of ${bytes.length} bytes were written`)
      this.#at += written
    } catch (error) {
      throw asStoreError(error)
    }
  }

  /**
   * Chromium's files of a private window take bytes over their quota without a word and without keeping them (156; seen with
   * Storage.overrideQuotaForOrigin): what a call says is looked at.
   */
  flush(): void {
    try {
      this.#handle.flush()
      if (this.#handle.getSize() !== this.#at) throw new StoreFullError('the file is shorter than what was written')
    } catch (error) {
      throw asStoreError(error)
    }
  }

  /** @throws StoreFullError where the file does not begin with these bytes */
  assertHas(bytes: Uint8Array<ArrayBuffer>): void {
    const found = new Uint8Array(bytes.length)
    this.#handle.read(found, { at: 0 })
    if (found.some((byte, at) => byte !== bytes[at])) throw new StoreFullError('the file is not what was written')
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#handle.close()
  }
}

/** Old Safari has the folders but not the handles. */
async function canWrite(root: FileSystemDirectoryHandle): Promise<boolean> {
  const name = `probe-${crypto.randomUUID()}`
  const file = await root.getFileHandle(name, { create: true })
  try {
    const handle = await file.createSyncAccessHandle()
    handle.close()
    return true
  } catch {
    return false
  } finally {
    await root.removeEntry(name).catch(() => undefined)
  }
}

/**
 * A write that fails for want of room is a QuotaExceededError, or on a full disk whatever the browser makes of ENOSPC (Chromium:
 * InvalidStateError or a short write). All are treated alike: the bytes go elsewhere.
 */
function asStoreError(error: unknown): Error {
  if (error instanceof StoreFullError) return error
  return new StoreFullError(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
}

function isNotFound(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotFoundError'
}

function unlessNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error
}
