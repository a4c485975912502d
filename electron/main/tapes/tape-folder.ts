import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { tapeIdSchema } from '../../../sfu-core/contract/ids.ts'
import { tapeFileNameSchema } from '../../contract/tapes.ts'
import { flushFolder, OWNER_ONLY_FOLDER, writeDurably } from '../../files/durable-file.ts'
import { GrowingFile } from './growing-file.ts'

export interface TapeFile {
  tapeId: string
  name: string
}

/** What of tapes is here and nowhere else. */
export interface UnsentTapes {
  count: number
  sizeBytes: number
}

/**
 * This person's own tapes until the server has them: `<folder>/<tapeId>/000123.flac`, with journal and words beside (see
 * renderer/tape/worker/tape-store.ts for the names). Ids and names come parsed: none of them leads out of the folder.
 */
export class TapeFolder {
  readonly #folder: string
  readonly #open = new Map<string, GrowingFile>()

  constructor(folder: string) {
    this.#folder = folder
  }

  async tapes(): Promise<string[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true }).catch(unlessMissing([]))
    return entries
      .filter((entry) => entry.isDirectory() && tapeIdSchema.safeParse(entry.name).success)
      .map(({ name }) => name)
  }

  async files(tapeId: string): Promise<{ name: string; sizeBytes: number }[]> {
    const entries = await readdir(this.#folderOf(tapeId), { withFileTypes: true }).catch(unlessMissing([]))
    const names = entries.filter((entry) => entry.isFile() && tapeFileNameSchema.safeParse(entry.name).success)
    const files = await Promise.all(names.map(({ name }) => this.#sized({ tapeId, name })))
    return files.filter((file) => file !== null)
  }

  /** Null where there is none. */
  async read(file: TapeFile): Promise<Uint8Array | null> {
    return readFile(this.#pathOf(file)).catch(unlessMissing(null))
  }

  async write(file: TapeFile, bytes: Uint8Array): Promise<void> {
    await this.#makeFolder(file.tapeId)
    await writeDurably(this.#pathOf(file), bytes)
  }

  /** Nothing happens where there is none. */
  async remove(file: TapeFile): Promise<void> {
    const place = this.#pathOf(file)
    await this.#open.get(place)?.close()
    await rm(place, { force: true })
  }

  async removeTape(tapeId: string): Promise<void> {
    const folder = this.#folderOf(tapeId)
    for (const [place, log] of this.#open) if (path.dirname(place) === folder) await log.close()
    await rm(folder, { recursive: true, force: true })
  }

  /** `onFailed`: it cannot be written any more. */
  async openLog(file: TapeFile, onFailed: (error: unknown) => void): Promise<GrowingFile> {
    await this.#makeFolder(file.tapeId)
    const place = this.#pathOf(file)
    await this.#open.get(place)?.close()
    const log = await GrowingFile.open(place, onFailed)
    this.#open.set(place, log)
    return log
  }

  async closeLog(log: GrowingFile): Promise<void> {
    await log.close()
    for (const [place, open] of this.#open) if (open === log) this.#open.delete(place)
  }

  async unsent(): Promise<UnsentTapes> {
    const tapes = await this.tapes()
    const files = (await Promise.all(tapes.map((tapeId) => this.files(tapeId)))).flat()
    return { count: tapes.length, sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
  }

  /** With its parents; a name that is new is on the disk then. */
  async #makeFolder(tapeId: string): Promise<void> {
    const made = await mkdir(this.#folderOf(tapeId), { recursive: true, mode: OWNER_ONLY_FOLDER })
    if (made !== undefined) await flushFolder(this.#folder)
  }

  async #sized(file: TapeFile): Promise<{ name: string; sizeBytes: number } | null> {
    const found = await stat(this.#pathOf(file)).catch(unlessMissing(null))
    return found === null ? null : { name: file.name, sizeBytes: found.size }
  }

  #folderOf(tapeId: string): string {
    return path.join(this.#folder, tapeId)
  }

  #pathOf({ tapeId, name }: TapeFile): string {
    return path.join(this.#folderOf(tapeId), name)
  }
}

function unlessMissing<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return instead
    throw error
  }
}
