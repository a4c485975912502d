import type { StoredFile, TapeLog, TapeStore } from './tape-store.ts'

/**
 * Tapes in one store, their journals in another: in the desktop app the FLAC files lie where a person finds them, while what is being
 * captured is written by this very worker into the browser's own files. The way to the app's main process takes that process's turn:
 * five kills of all of it (SIGKILL, both written at once, load 17 on two cores) cost 0 to 20 ms more there, and an open menu can hold
 * it up for as long as it is open. What either store has of a tape counts.
 */
export class JournalsApartStore implements TapeStore {
  readonly #files: TapeStore
  readonly #journals: TapeStore

  constructor({ files, journals }: { files: TapeStore; journals: TapeStore }) {
    this.#files = files
    this.#journals = journals
  }

  get isDurable(): boolean {
    return this.#files.isDurable && this.#journals.isDurable
  }

  async tapes(): Promise<string[]> {
    const [files, journals] = await Promise.all([this.#files.tapes(), this.#journals.tapes()])
    return [...new Set([...files, ...journals])]
  }

  async files(tapeId: string): Promise<StoredFile[]> {
    const [files, journals] = await Promise.all([this.#files.files(tapeId), this.#journals.files(tapeId)])
    return [...new Map([...journals, ...files].map((file) => [file.name, file])).values()]
  }

  async read(tapeId: string, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return (await this.#files.read(tapeId, name)) ?? this.#journals.read(tapeId, name)
  }

  write(tapeId: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    return this.#files.write(tapeId, name, bytes)
  }

  async remove(tapeId: string, name: string): Promise<void> {
    await Promise.all([this.#files.remove(tapeId, name), this.#journals.remove(tapeId, name)])
  }

  /** The one with the beginning last: a tape without its beginning is thrown away. */
  async removeTape(tapeId: string): Promise<void> {
    await this.#journals.removeTape(tapeId)
    await this.#files.removeTape(tapeId)
  }

  openLog(tapeId: string, name: string): Promise<TapeLog> {
    return this.#journals.openLog(tapeId, name)
  }
}
