import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Refusal } from '../../contract/reasons.ts'
import type { FromMixWorker, MixWork, MixWorkerResult, ToMixWorker } from './mix-messages.ts'

/** More would only cost memory: a thread takes 25 MB, and the encoder runs on one core in the end. */
const THREADS_MAX_COUNT = 4

/** Threads work on large arrays, which lie elsewhere: a young generation as large as V8 likes it (48 MB) would hold nothing but its own dust. */
const YOUNG_GENERATION_MB = 6

interface Call {
  resolve(result: MixWorkerResult): void
  reject(error: unknown): void
  onProgress: ((samples: number) => void) | undefined
}

/** One thread per core. A call goes to a thread of the caller's choice (who opened a track asks the same one for its sound). */
export class MixThreads {
  readonly #workers: Worker[]
  readonly #exits: Promise<unknown>[]
  /** Seen by all threads. */
  readonly #cancelled = new Int32Array(new SharedArrayBuffer(4))
  readonly #calls = new Map<number, Call>()
  readonly #signal: AbortSignal
  readonly #onAbort: () => void
  #nextCallId = 1
  /** Why there is no work any more; null: there is. */
  #ended: { reason: unknown } | null = null

  constructor(signal: AbortSignal) {
    const count = Math.min(THREADS_MAX_COUNT, availableParallelism())
    this.#workers = Array.from({ length: count }, () => this.#start())
    this.#exits = this.#workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)))
    this.#signal = signal
    this.#onAbort = () => this.#end(signal.reason)
    signal.addEventListener('abort', this.#onAbort)
  }

  get count(): number {
    return this.#workers.length
  }

  #start(): Worker {
    const worker = new Worker(new URL('./mix-worker.ts', import.meta.url), {
      workerData: this.#cancelled.buffer,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    })
    worker.on('message', (message: FromMixWorker) => this.#onMessage(message))
    worker.on('error', (error) => this.#end(error))
    worker.on('exit', () => this.#end(new Refusal('render-failed', 'a thread of the mix has ended')))
    return worker
  }

  /** @throws Refusal where the work cannot be done; the signal's reason once it is aborted. */
  call(thread: number, work: MixWork, onProgress?: (samples: number) => void): Promise<MixWorkerResult> {
    this.#signal.throwIfAborted()
    const worker = this.#workers[thread % this.#workers.length]
    if (!worker || this.#ended) throw this.#ended?.reason
    const callId = this.#nextCallId++
    return new Promise((resolve, reject) => {
      this.#calls.set(callId, { resolve, reject, onProgress })
      worker.postMessage({ ...work, callId } satisfies ToMixWorker)
    })
  }

  #onMessage(message: FromMixWorker): void {
    const call = this.#calls.get(message.callId)
    if (message.tell === 'progress') {
      call?.onProgress?.(message.samples)
      return
    }
    this.#calls.delete(message.callId)
    if (message.tell === 'done') call?.resolve(message.result)
    else call?.reject(new Refusal(message.code, message.detail))
  }

  #end(reason: unknown): void {
    if (this.#ended) return
    this.#ended = { reason }
    this.#signal.removeEventListener('abort', this.#onAbort)
    Atomics.store(this.#cancelled, 0, 1)
    for (const worker of this.#workers) worker.postMessage({ do: 'end' } satisfies ToMixWorker)
    for (const { reject } of this.#calls.values()) reject(reason)
    this.#calls.clear()
  }

  /**
   * Ends the threads, whatever they do: within some 50 ms. Not by `terminate`: node-av, stopped within a call, ends the whole
   * process (napi_throw in an environment that is going away). Idempotent.
   */
  async close(): Promise<void> {
    this.#end(new Refusal('render-failed', 'the threads of the mix are closed'))
    await Promise.all(this.#exits)
  }
}
