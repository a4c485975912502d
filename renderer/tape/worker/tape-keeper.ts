import type { TapeEnd } from '../../../sfu-core/contract/tape.ts'
import { NEWS_INTERVAL_MS } from './limits.ts'
import type { CaptureFeed, TapeBeginning } from './messages.ts'
import { OtherPages } from './other-pages.ts'
import { watchSleep } from './sleep-watch.ts'
import type { SpillingStore } from './spilling-store.ts'
import { TapeFiles } from './tape-files.ts'
import type { TapeServer } from './tape-server.ts'
import type { TapeStatus } from './tape-status.ts'
import { TapeTask } from './tape-task.ts'
import type { WorkerClock } from './worker-clock.ts'

export interface TapeKeeperOptions {
  store: SpillingStore
  server: TapeServer
  serverUrl: string
  clock: WorkerClock
  random(): number
  /** Runs `hold` while no other page does, for the same tape. */
  exclusively(tapeId: string, hold: () => Promise<void>): void
  onTapes(tapes: readonly TapeStatus[]): void
  /** This tape's capture failed. */
  onLost(tapeId: string): void
}

/** All tapes of this page: those it captures, and those that other pages left. Of pages that go away, it takes over what they hold. */
export class TapeKeeper {
  readonly #options: TapeKeeperOptions
  readonly #tasks = new Map<string, TapeTask>()
  /** Held by us, or waited for. */
  readonly #wanted = new Set<string>()
  readonly #others: OtherPages
  readonly #endSleepWatch: () => void
  #isTelling = false

  constructor(options: TapeKeeperOptions) {
    this.#options = options
    this.#others = new OtherPages({
      clock: options.clock,
      tapes: () => this.#own(),
      onTape: (tapeId) => this.#takeOver(tapeId),
      onChange: () => this.#changed(),
    })
    this.#endSleepWatch = watchSleep(options.clock, () => this.#woke())
  }

  /** Takes up what earlier pages left. */
  async takeLeftovers(): Promise<void> {
    for (const tapeId of await this.#options.store.tapes()) this.#takeOver(tapeId)
  }

  begin(beginning: TapeBeginning, feed: CaptureFeed): void {
    const { tapeId } = beginning.opening
    const task = this.#task(beginning)
    this.#wanted.add(tapeId)
    this.#options.exclusively(tapeId, async () => {
      await task.capture(feed).catch(() => this.#failed(tapeId))
      this.#tellWhileCapturing(task)
      await this.#keep(tapeId, task)
    })
  }

  finish(tapeId: string, end: TapeEnd): void {
    void this.#tasks.get(tapeId)?.finish(end)
  }

  suspended(tapeId: string): void {
    this.#tasks.get(tapeId)?.suspect('suspended')
  }

  online(): void {
    for (const task of this.#tasks.values()) task.wake()
  }

  async discard(tapeId: string): Promise<void> {
    await this.#tasks.get(tapeId)?.discard()
  }

  /** Null for tapes that this page does not hold. */
  statusOf(tapeId: string): TapeStatus | null {
    return this.#tasks.get(tapeId)?.status() ?? null
  }

  /** Stops everything; what is on the disk stays for a later page. Idempotent. */
  close(): void {
    this.#endSleepWatch()
    this.#others.close()
    for (const task of this.#tasks.values()) task.close()
    this.#tasks.clear()
  }

  filesOf(tapeId: string): TapeFiles {
    return this.#tasks.get(tapeId)?.files ?? new TapeFiles(this.#options.store, tapeId)
  }

  #task(beginning: TapeBeginning): TapeTask {
    const { store, server, serverUrl, clock, random } = this.#options
    const { tapeId } = beginning.opening
    const onChange = () => this.#changed()
    const onFailed = () => this.#failed(tapeId)
    const task = new TapeTask({ beginning, store, server, serverUrl, clock, random, onChange, onFailed })
    this.#tasks.set(tapeId, task)
    return task
  }

  /** As soon as nobody else holds it. */
  #takeOver(tapeId: string): void {
    if (this.#wanted.has(tapeId)) return
    this.#wanted.add(tapeId)
    this.#options.exclusively(tapeId, async () => {
      const files = new TapeFiles(this.#options.store, tapeId)
      const beginning = await files.beginning()
      if (beginning === null) {
        await files.removeAll()
        this.#wanted.delete(tapeId)
        return
      }
      const task = this.#task(beginning)
      await task.sendLeftover()
      await this.#keep(tapeId, task)
    })
  }

  /** Until all of it is at the server. */
  async #keep(tapeId: string, task: TapeTask): Promise<void> {
    this.#changed()
    await task.done
    this.#forget(tapeId)
  }

  #forget(tapeId: string): void {
    this.#tellNow()
    this.#tasks.delete(tapeId)
    this.#wanted.delete(tapeId)
    this.#changed()
  }

  /** The capture ended by itself: what there is, is sent; the page may begin another tape. */
  #failed(tapeId: string): void {
    this.finish(tapeId, 'lost')
    this.#options.onLost(tapeId)
  }

  #woke(): void {
    for (const task of this.#tasks.values()) {
      task.woke()
      task.wake()
    }
  }

  #tellWhileCapturing(task: TapeTask): void {
    if (!task.isCapturing) return
    this.#changed()
    this.#options.clock.after(NEWS_INTERVAL_MS, () => this.#tellWhileCapturing(task))
  }

  #changed(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    this.#options.clock.after(NEWS_INTERVAL_MS / 2, () => {
      this.#isTelling = false
      this.#tellNow()
    })
  }

  #tellNow(): void {
    const own = this.#own()
    const ids = new Set(own.map(({ tapeId }) => tapeId))
    this.#options.onTapes([...own, ...this.#others.tapes.filter(({ tapeId }) => !ids.has(tapeId))])
    this.#others.tell()
  }

  #own(): TapeStatus[] {
    return [...this.#tasks.values()].map((task) => task.status())
  }
}
