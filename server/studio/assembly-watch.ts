import type { Logger } from 'pino'
import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { NowMs } from '../clock.ts'
import { isDatabaseGone } from '../db/database-errors.ts'
import type { TakeFiles } from '../takes/take-files.ts'
import type { TakeRecord, TakeStore } from '../takes/takes.db.ts'
import { type AssemblySituation, assemblyDueInMs } from './assembly-due.ts'
import type { JobStore } from './jobs.db.ts'
import { ASSEMBLY_CATCH_UP_MS, ASSEMBLY_LOOK_DELAY_MS, ASSEMBLY_RETRY_MS } from './studio-limits.ts'
import type { StudioTapes } from './studio-tapes.ts'

export interface AssemblyWatchDeps {
  takes: TakeStore
  takeFiles: TakeFiles
  tapes: StudioTapes
  jobs: JobStore
  /** Puts an `assemble` in the queue. */
  assemble(takeId: TakeId): Promise<void>
  /** News were looked at. */
  onLook(takeId: TakeId): void
  nowMs: NowMs
  log: Logger
}

/** Sees to it that each take is assembled once all of its sound is here, and again when some came late. */
export class AssemblyWatch {
  readonly #deps: AssemblyWatchDeps
  readonly #looks = new Map<TakeId, { timer: NodeJS.Timeout; dueAtMs: number }>()
  #closed = false

  constructor(deps: AssemblyWatchDeps) {
    this.#deps = deps
  }

  /** Takes that ended while nobody watched. */
  async catchUp(): Promise<void> {
    const since = this.#deps.nowMs() - ASSEMBLY_CATCH_UP_MS
    for (const takeId of await this.#deps.takes.endedSince(since)) this.onNews(takeId)
  }

  /** A chunk, an end, a file or a word of the node came; some a second while people talk, so it is looked at a little later. */
  onNews(takeId: TakeId): void {
    this.#lookIn(takeId, ASSEMBLY_LOOK_DELAY_MS)
  }

  close(): void {
    this.#closed = true
    for (const { timer } of this.#looks.values()) clearTimeout(timer)
    this.#looks.clear()
  }

  /** The sooner of two looks is enough: it says itself when the next one is due. */
  #lookIn(takeId: TakeId, delayMs: number): void {
    const dueAtMs = this.#deps.nowMs() + delayMs
    const before = this.#looks.get(takeId)
    if (this.#closed || (before !== undefined && before.dueAtMs <= dueAtMs)) return
    clearTimeout(before?.timer)
    const timer = setTimeout(() => {
      this.#looks.delete(takeId)
      this.#look(takeId).catch((error: unknown) => this.#onTrouble(takeId, error))
    }, delayMs)
    this.#looks.set(takeId, { timer: timer.unref(), dueAtMs })
  }

  async #look(takeId: TakeId): Promise<void> {
    const take = await this.#deps.takes.find(takeId)
    // A page may open its tape before the node's first word of the take is kept.
    if (take === null) return
    this.#deps.onLook(takeId)
    const dueInMs = assemblyDueInMs(await this.#situationOf(take))
    if (dueInMs === null || this.#closed) return
    if (dueInMs > 0) this.#lookIn(takeId, dueInMs)
    else await this.#deps.assemble(takeId)
  }

  async #situationOf(take: TakeRecord): Promise<AssemblySituation> {
    const { tapes, jobs, nowMs } = this.#deps
    return {
      endedAtMs: take.manifest.endedAtMs,
      hasTracks: await this.#hasTracks(take),
      tapes: await tapes.factsOf(take.takeId),
      last: await jobs.newestAssembly(take.takeId),
      nowMs: nowMs(),
    }
  }

  /** Of a take that is kept on its host's computer the tapes are all that can be had here. */
  async #hasTracks(take: TakeRecord): Promise<boolean> {
    const { takeFiles, tapes } = this.#deps
    // It is assembled there, from what passed through here.
    if (take.recordingsKept === 'host') return false
    if (take.storage === 'kept') return (await tapes.factsOf(take.takeId)).tapeCount > 0
    return take.storage === 'shared' || (await takeFiles.findAll(take, take.manifest)) !== null
  }

  #onTrouble(takeId: TakeId, error: unknown): void {
    if (this.#closed) return
    this.#lookIn(takeId, ASSEMBLY_RETRY_MS)
    const { log } = this.#deps
    if (isDatabaseGone(error)) log.debug({ err: error }, 'a take cannot be looked at')
    else log.error({ err: error, takeId }, 'a take cannot be looked at')
  }
}
