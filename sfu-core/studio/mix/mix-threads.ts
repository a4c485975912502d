import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Refusal } from '../../contract/reasons.ts'
import type { FromMixWorker, MixWork, MixWorkerResult } from './mix-messages.ts'

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
  readonly #calls = new Map<number, Call>()
  readonly #signal: AbortSignal
  readonly #onAbort: () => void
  #nextCallId = 1
  #isClosed = false

  constructor(signal: AbortSignal) {
    const count = Math.min(THREADS_MAX_COUNT, availableParallelism())
    this.#workers = Array.from({ length: count }, () => this.#start())
    this.#signal = signal
    this.#onAbort = () => this.#fail(signal.reason)
    signal.addEventListener('abort', this.#onAbort)
  }

  get count(): number {
    return this.#workers.length
  }

  #start(): Worker {
    const worker = new Worker(new URL('./mix-worker.ts', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    })
    worker.on('message', (message: FromMixWorker) => this.#onMessage(message))
    worker.on('error', (error) => this.#fail(error))
    worker.on('exit', () => this.#fail(new Refusal('render-failed', 'a thread of the mix has ended')))
    return worker
  }

  /** @throws Refusal where the work cannot be done; the signal's reason once it is aborted. */
  call(thread: number, work: MixWork, onProgress?: (samples: number) => void): Promise<MixWorkerResult> {
    this.#signal.throwIfAborted()
    const worker = this.#workers[thread % this.#workers.length]
    if (!worker || this.#isClosed) throw new Refusal('render-failed', 'the threads of the mix are closed')
    const callId = this.#nextCallId++
    return new Promise((resolve, reject) => {
      this.#calls.set(callId, { resolve, reject, onProgress })
      worker.postMessage({ ...work, callId })
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

  #fail(reason: unknown): void {
    const calls = [...this.#calls.values()]
    this.#calls.clear()
    for (const { reject } of calls) reject(reason)
  }

  /** Ends the threads, whatever they do. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#signal.removeEventListener('abort', this.#onAbort)
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
    this.#fail(new Refusal('render-failed', 'the threads of the mix are closed'))
  }
}
