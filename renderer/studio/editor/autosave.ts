import type { EditList } from '../../../sfu-core/contract/edits.ts'
import { type Failure, failureOf } from '../../app/api-error.ts'
import { type Cell, cell, type WritableCell } from '../../room-session/cell.ts'
import type { Clock } from '../../room-session/clock.ts'
import { SAVE_PAUSE_MS, SAVE_RETRY_MS } from './limits.ts'

/** `conflict`: another list was saved meanwhile; nothing is saved until somebody has chosen. */
export type SaveState =
  | { state: 'saved' }
  | { state: 'unsaved' }
  | { state: 'saving' }
  | { state: 'failed'; failure: Failure }
  | { state: 'conflict' }

export interface SavedList {
  revision: number
  edits: EditList
}

export interface AutosaveOptions {
  /** What the server has. */
  saved: SavedList
  /** Saves over that revision and answers with the new one. @throws `edits-changed` where there is a newer one. */
  save(list: SavedList): Promise<{ revision: number }>
  /** What the server has now. */
  load(): Promise<SavedList>
  clock: Clock
}

/** Saves edits a little after the last change, one request at a time, and says how it stands. */
export class Autosave {
  readonly state: Cell<SaveState>
  readonly #state: WritableCell<SaveState> = cell<SaveState>({ state: 'saved' })
  readonly #options: AutosaveOptions
  #saved: SavedList
  #wanted: EditList
  #running: Promise<void> | null = null
  #cancelTimer: (() => void) | null = null

  constructor(options: AutosaveOptions) {
    this.#options = options
    this.#saved = options.saved
    this.#wanted = options.saved.edits
    this.state = this.#state
  }

  get isSaved(): boolean {
    return this.#wanted === this.#saved.edits
  }

  /** The list as it should be from now on. */
  want(edits: EditList): void {
    if (edits === this.#wanted) return
    this.#wanted = edits
    if (this.#state.get().state === 'conflict') return
    if (this.#running === null) this.#state.set({ state: this.isSaved ? 'saved' : 'unsaved' })
    this.#saveAfter(SAVE_PAUSE_MS)
  }

  /** Saves at once what is not saved, and answers when it is, or whether it could not be. */
  async flush(): Promise<boolean> {
    this.#stopTimer()
    await this.#running
    if (!this.isSaved && this.#state.get().state !== 'conflict') await this.#save()
    return this.isSaved
  }

  /** In a conflict: the own list holds. */
  async keepMine(): Promise<void> {
    const theirs = await this.#options.load()
    this.#saved = { ...theirs }
    this.#state.set({ state: 'unsaved' })
    await this.#save()
  }

  /** In a conflict: the other list holds; answers with it. */
  async takeTheirs(): Promise<EditList> {
    this.#saved = await this.#options.load()
    this.#wanted = this.#saved.edits
    this.#state.set({ state: 'saved' })
    return this.#saved.edits
  }

  /** Tries no more by itself. */
  close(): void {
    this.#stopTimer()
  }

  #saveAfter(delayMs: number): void {
    this.#stopTimer()
    this.#cancelTimer = this.#options.clock.after(delayMs, () => void this.#save())
  }

  #stopTimer(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
  }

  #save(): Promise<void> {
    if (this.isSaved && this.#running === null) {
      this.#state.set({ state: 'saved' })
      return Promise.resolve()
    }
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** Goes on until nothing newer is wanted. */
  async #run(): Promise<void> {
    try {
      while (!this.isSaved) {
        this.#state.set({ state: 'saving' })
        const edits = this.#wanted
        const { revision } = await this.#options.save({ revision: this.#saved.revision, edits })
        this.#saved = { revision, edits }
      }
      this.#stopTimer()
      this.#state.set({ state: 'saved' })
    } catch (error) {
      this.#failed(failureOf(error))
    }
  }

  #failed(failure: Failure): void {
    if (failure.reason === 'edits-changed') {
      this.#stopTimer()
      this.#state.set({ state: 'conflict' })
      return
    }
    this.#state.set({ state: 'failed', failure })
    this.#saveAfter(SAVE_RETRY_MS)
  }
}
