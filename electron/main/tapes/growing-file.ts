import { writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { OWNER_ONLY_FILE } from '../../files/durable-file.ts'

/**
 * A journal. What comes is the operating system's at once, and so outlives a kill of the app: written here and not by a thread of the
 * pool, where it would wait behind other files' flushes.
 */
export class GrowingFile {
  readonly #handle: FileHandle
  readonly #onFailed: (error: unknown) => void
  #wantsFlush = false
  #flushing: Promise<void> | null = null
  #hasFailed = false
  #closing: Promise<void> | null = null

  private constructor(handle: FileHandle, onFailed: (error: unknown) => void) {
    this.#handle = handle
    this.#onFailed = onFailed
  }

  /** Empty at first. `onFailed`: nothing more is written; called at most once. @throws what the disk says */
  static async open(file: string, onFailed: (error: unknown) => void): Promise<GrowingFile> {
    return new GrowingFile(await open(file, 'w', OWNER_ONLY_FILE), onFailed)
  }

  append(bytes: Uint8Array): void {
    if (this.#hasFailed || this.#closing !== null) return
    try {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(this.#handle.fd, bytes, written, bytes.length - written)
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  /** To the disk itself, after all that came before. Those that wait for the one that is under way are one. */
  flush(): void {
    if (this.#hasFailed || this.#closing !== null) return
    this.#wantsFlush = true
    this.#flushing ??= this.#flushWanted()
  }

  /** Idempotent; never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #flushWanted(): Promise<void> {
    try {
      while (this.#wantsFlush) {
        this.#wantsFlush = false
        await this.#handle.datasync()
      }
    } catch (error) {
      this.#fail(error)
    } finally {
      // In the same turn as the last look: what comes after it begins anew.
      this.#flushing = null
    }
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#wantsFlush = false
    this.#onFailed(error)
  }

  async #close(): Promise<void> {
    await this.#flushing
    await this.#handle.close().catch(() => undefined)
  }
}
