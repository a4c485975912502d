import type { TapeGrant } from '../../../server/contract/views.ts'
import type { ReasonCode } from '../../../sfu-core/contract/reasons.ts'
import type { TapeChunkHeader } from '../../../sfu-core/contract/tape.ts'
import { inTime } from './in-time.ts'
import {
  DAMAGED_TRIES,
  OPENING_TRIES,
  RETRY_FIRST_MS,
  RETRY_MAX_MS,
  STORE_PATIENCE_MS,
  UPLOAD_TIMEOUT_MS,
  UPLOADS_AT_ONCE,
} from './limits.ts'
import type { TapeBeginning } from './messages.ts'
import type { TapeFiles } from './tape-files.ts'
import { failureFrom, isPassing, type TapeFailure, type TapeServer } from './tape-server.ts'
import type { EndDeclaration, TapeTrouble } from './tape-status.ts'
import type { WorkerClock } from './worker-clock.ts'

export interface TapeUploadOptions {
  beginning: TapeBeginning
  files: TapeFiles
  server: TapeServer
  clock: WorkerClock
  /** 0 to 1. */
  random(): number
  /** Nothing is sent: the tape belongs to another server. */
  isHeld: boolean
  /** In all, for the header that goes with a chunk. */
  capturedSamples(): number
  /** Something of the state changed. */
  onChange(): void
  onGrant(grant: TapeGrant): void
  /** All is at the server and nothing is here any more. */
  onDone(): void
}

interface Pending {
  readonly header: TapeChunkHeader
  readonly sizeBytes: number
  damagedTries: number
}

/** What sending comes to at the end of a step. */
type Step = 'open' | 'send' | 'end' | 'rest'

/**
 * Brings one tape to the server: opens it, sends its chunks in order (some at once where it is behind), deletes them here when the
 * receipt is there, and declares the end. Tries again for as long as it takes; what the server refuses for good stays here.
 */
export class TapeUpload {
  readonly #options: TapeUploadOptions
  readonly #pending = new Map<number, Pending>()
  readonly #underWay = new Map<number, AbortController>()
  #grant: TapeGrant | null
  #end: EndDeclaration | null = null
  #newestIndex = -1
  #keptHeader: number | null = null
  #failures = 0
  #openings = 0
  #isBusy = false
  #endWait: (() => void) | null = null
  #waitingFor: TapeFailure | null = null
  #refused: ReasonCode | null = null
  #refusedChunks = new Map<number, ReasonCode>()
  #isClosed = false

  constructor(options: TapeUploadOptions, grant: TapeGrant | null) {
    this.#options = options
    this.#grant = grant
    this.#step()
  }

  get pendingChunks(): number {
    return this.#pending.size
  }

  get pendingBytes(): number {
    let sum = 0
    for (const { sizeBytes } of this.#pending.values()) sum += sizeBytes
    return sum
  }

  /** The first sample that the server has not confirmed; null where it has all that was added. */
  get firstUnsentSample(): number | null {
    let first: number | null = null
    for (const { header } of this.#pending.values()) first = Math.min(first ?? header.firstSample, header.firstSample)
    return first
  }

  get troubles(): TapeTrouble[] {
    if (this.#refused !== null) return [{ kind: 'refused', reason: this.#refused }]
    const [chunkReason] = this.#refusedChunks.values()
    const troubles: TapeTrouble[] = chunkReason === undefined ? [] : [{ kind: 'refused', reason: chunkReason }]
    if (this.#waitingFor !== null) troubles.push({ kind: 'waiting', reason: this.#waitingFor.reason })
    return troubles
  }

  /** A chunk is ready to be sent. */
  add({ header, sizeBytes }: { header: TapeChunkHeader; sizeBytes: number }): void {
    this.#newestIndex = Math.max(this.#newestIndex, header.index)
    this.#pending.set(header.index, { header, sizeBytes, damagedTries: 0 })
    this.#step()
  }

  /** No more chunks come. */
  captureEnded(end: EndDeclaration): void {
    this.#end = end
    this.#step()
  }

  /** Now is a better time: the network is back. */
  wake(): void {
    if (this.#endWait === null) return
    this.#endWait()
    this.#endWait = null
    this.#step()
  }

  /** Stops sending; what is here stays. Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#endWait?.()
    this.#endWait = null
    for (const abort of this.#underWay.values()) abort.abort()
  }

  #step(): void {
    switch (this.#next()) {
      case 'open':
        void this.#exclusively(() => this.#open())
        break
      case 'send':
        this.#sendMore()
        break
      case 'end':
        void this.#exclusively(() => this.#declareEnd())
        break
      case 'rest':
        break
    }
    this.#options.onChange()
  }

  #next(): Step {
    if (this.#options.isHeld || this.#isClosed || this.#isBusy || this.#endWait !== null || this.#refused !== null)
      return 'rest'
    if (this.#grant === null) return 'open'
    if (this.#pending.size > 0) return 'send'
    return this.#end === null || this.#underWay.size > 0 ? 'rest' : 'end'
  }

  async #exclusively(act: () => Promise<void>): Promise<void> {
    this.#isBusy = true
    try {
      await act()
      this.#succeeded()
    } catch (error) {
      this.#failed(failureFrom(error))
    } finally {
      this.#isBusy = false
    }
    this.#step()
  }

  async #open(): Promise<void> {
    const { server, beginning, files, onGrant } = this.#options
    this.#openings += 1
    const grant = await server.open(beginning.seat, beginning.opening)
    await files.writeGrant(grant)
    this.#grant = grant
    onGrant(grant)
  }

  async #declareEnd(): Promise<void> {
    if (this.#grant === null || this.#end === null) return
    try {
      await this.#options.server.end(this.#grant.token, this.#end)
    } catch (error) {
      // A final no to the last word changes nothing: the sound is there.
      if (isPassing(failureFrom(error).reason)) throw error
    }
    await this.#options.files.removeAll()
    this.close()
    this.#options.onDone()
  }

  #sendMore(): void {
    const waiting = [...this.#pending.values()].filter(({ header }) => !this.#underWay.has(header.index))
    const free = UPLOADS_AT_ONCE - this.#underWay.size
    const sendable = waiting.filter(({ header }) => !this.#refusedChunks.has(header.index))
    sendable.sort((a, b) => a.header.index - b.header.index)
    for (const pending of sendable.slice(0, Math.max(0, free))) void this.#send(pending)
  }

  async #send(pending: Pending): Promise<void> {
    const { index } = pending.header
    const abort = new AbortController()
    this.#underWay.set(index, abort)
    try {
      await this.#put(pending, abort.signal)
      this.#pending.delete(index)
      // What cannot be removed now is removed with the tape.
      await this.#inTime(this.#forget(index)).catch(() => undefined)
      this.#succeeded()
    } catch (error) {
      if (!this.#isClosed) this.#chunkFailed(pending, failureFrom(error))
    } finally {
      this.#underWay.delete(index)
    }
    this.#step()
  }

  async #put({ header }: Pending, signal: AbortSignal): Promise<void> {
    const { files, server, capturedSamples } = this.#options
    const flac = await this.#inTime(files.flac(header.index))
    if (this.#grant === null || flac === null) throw new Error(`chunk ${header.index} is not here`)
    await server.putChunk({
      grant: this.#grant,
      header: { ...header, capturedSamples: Math.max(capturedSamples(), header.capturedSamples) },
      flac,
      signal: AbortSignal.any([signal, AbortSignal.timeout(UPLOAD_TIMEOUT_MS)]),
    })
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    return inTime(work, STORE_PATIENCE_MS, this.#options.clock)
  }

  /** The newest chunk's header stays, and the one that stayed before goes. */
  async #forget(index: number): Promise<void> {
    const { files } = this.#options
    const isNewest = index === this.#newestIndex
    await files.sent(index, isNewest)
    if (!isNewest) return
    if (this.#keptHeader !== null) await files.removeHeader(this.#keptHeader)
    this.#keptHeader = index
  }

  #succeeded(): void {
    this.#failures = 0
    this.#waitingFor = null
  }

  #chunkFailed(pending: Pending, failure: TapeFailure): void {
    const { reason } = failure
    if (reason === 'chunk-damaged' && pending.damagedTries + 1 < DAMAGED_TRIES) {
      pending.damagedTries += 1
      this.#wait(failure)
    } else if (isAboutChunk(reason)) {
      this.#refusedChunks.set(pending.header.index, reason)
      this.#waitingFor = null
    } else this.#failed(failure)
  }

  #failed(failure: TapeFailure): void {
    const { reason } = failure
    const mayChange = this.#grant === null && this.#openings < OPENING_TRIES && !reason.startsWith('token-')
    if (reason === 'offline' || isPassing(reason) || mayChange) this.#wait(failure)
    else this.#refused = reason
  }

  #wait(failure: TapeFailure): void {
    this.#waitingFor = failure
    const backOffMs = Math.min(RETRY_FIRST_MS * 2 ** this.#failures, RETRY_MAX_MS) * (0.75 + this.#options.random() / 2)
    this.#failures += 1
    this.#endWait?.()
    this.#endWait = this.#options.clock.after(failure.retryAfterMs ?? backOffMs, () => {
      this.#endWait = null
      this.#step()
    })
  }
}

/** The rest of the tape is not touched by it. */
function isAboutChunk(reason: string): reason is ReasonCode {
  return ['chunk-damaged', 'chunk-conflict', 'input-invalid', 'message-too-large'].includes(reason)
}
