import { HANDOVER_LIST_MAX, type HandoverList, type HandoverTape } from '../../../server/contract/handover.ts'
import { hasChunk, keepChunk, keepTape, keptTakeFolder, sha256Of } from '../../files/kept-tapes.ts'
import type { HandoverClient } from './handover-client.ts'

export interface HandoverRunOptions {
  client: HandoverClient
  takesFolder: string
  /** Calls back later; returns the end. */
  after(delayMs: number, call: () => void): () => void
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void }
}

/** While tapes are on their way. A chunk comes every 4 s. */
const LOOK_BUSY_MS = 2_000
/** Otherwise: somebody may send what was left an hour ago. */
const LOOK_IDLE_MS = 15_000
/** After a failure; it doubles up to LOOK_IDLE_MS. */
const RETRY_FIRST_MS = 1_000
/** Sixteen speakers with two tapes each make eight chunks a second; a distant server answers each of two questions in 150 ms. */
const CHUNKS_AT_ONCE = 4
/** So many in one look, and it is not about single chunks. */
const FAILURES_MAX = 3

/**
 * Brings the tapes of takes that are kept on this computer here, and tells the server of each chunk once it is on the disk. What is
 * here already, of an earlier run, is only confirmed.
 */
export class HandoverRun {
  readonly #options: HandoverRunOptions
  #endWait: (() => void) | null = null
  #looking: Promise<void> | null = null
  #failures = 0
  #isClosed = false

  constructor(options: HandoverRunOptions) {
    this.#options = options
  }

  /** Now: the line to the server is up. */
  wake(): void {
    this.#endWait?.()
    this.#endWait = null
    if (!this.#isClosed) this.#looking ??= this.#look()
  }

  /** Resolves when what is being written is written. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#endWait?.()
    await this.#looking
  }

  async #look(): Promise<void> {
    let nextMs: number
    try {
      nextMs = (await this.#bringAll()) ? LOOK_BUSY_MS : LOOK_IDLE_MS
      this.#failures = 0
    } catch (error) {
      nextMs = Math.min(RETRY_FIRST_MS * 2 ** this.#failures, LOOK_IDLE_MS)
      this.#failures += 1
      if (!this.#isClosed) this.#options.log.warn({ err: String(error) }, 'recordings cannot be brought here')
    }
    this.#looking = null
    if (!this.#isClosed) this.#endWait = this.#options.after(nextMs, () => this.wake())
  }

  /** Answers whether more is to be expected soon. */
  async #bringAll(): Promise<boolean> {
    const list = await this.#options.client.list()
    const folders = await this.#foldersOf(list.tapes)
    for (const tape of list.tapes) {
      const folder = folders.get(tape.tapeId)
      if (folder !== undefined) await keepTape(folder, wordsOf(tape))
    }
    await this.#bringChunks(list, folders)
    // More of a tape may wait behind a full list.
    if (list.chunks.length < HANDOVER_LIST_MAX) await this.#closeWhole(list.tapes, folders)
    return folders.size > 0
  }

  /** One that cannot be had does not keep the others back. @throws the first failure */
  async #bringChunks({ chunks }: HandoverList, folders: ReadonlyMap<string, string>): Promise<void> {
    const waiting = chunks.values()
    const failures: unknown[] = []
    const bringOn = async () => {
      for (const { tapeId, header } of waiting) {
        const folder = folders.get(tapeId)
        if (this.#isClosed || failures.length >= FAILURES_MAX) return
        if (folder !== undefined)
          await this.#bring(folder, tapeId, header).catch((error: unknown) => failures.push(error))
      }
    }
    await Promise.all(Array.from({ length: CHUNKS_AT_ONCE }, bringOn))
    if (failures.length > 0) throw failures[0]
  }

  async #foldersOf(tapes: readonly HandoverTape[]): Promise<Map<string, string>> {
    const folders = new Map<string, string>()
    for (const tape of tapes) {
      const folder = await keptTakeFolder(this.#options.takesFolder, tape)
      if (folder !== null) folders.set(tape.tapeId, folder)
    }
    return folders
  }

  async #bring(folder: string, tapeId: string, header: HandoverList['chunks'][number]['header']): Promise<void> {
    const { client } = this.#options
    const { index, sha256 } = header
    if (!(await hasChunk(folder, tapeId, header))) {
      const flac = await client.chunk(tapeId, index)
      if (sha256Of(flac) !== sha256) throw new Error(`chunk ${index} of ${tapeId} arrived damaged`)
      await keepChunk(folder, { tapeId, header, flac })
    }
    await client.confirm(tapeId, index, sha256)
  }

  async #closeWhole(tapes: readonly HandoverTape[], folders: ReadonlyMap<string, string>): Promise<void> {
    for (const { tapeId, takeId, isComplete } of tapes) {
      if (!isComplete || !folders.has(tapeId)) continue
      await this.#options.client.close(tapeId)
      this.#options.log.info({ takeId, tapeId }, 'a tape is on this computer, and no longer at the server')
    }
  }
}

function wordsOf({ tapeId, participantId, name, source, channels, deviceLabel, end, declaredSamples }: HandoverTape) {
  return { version: 1 as const, tapeId, participantId, name, source, channels, deviceLabel, end, declaredSamples }
}
