import { Worker } from 'node:worker_threads'
import type { Clock } from '../../clock.ts'
import { MEDIA_SEMI_SPACE_MB } from '../../contract/limits.ts'
import { Refusal } from '../../contract/reasons.ts'
import type { MediaLink, MediaLinkEvents } from '../transport.ts'
import type { TransportLog, WebRtcTransportDump } from '../webrtc-transport.ts'
import type { CallResult, FromMediaThread, MediaThreadOptions, ToMediaThread } from './thread-messages.ts'
import { ThreadedLink } from './threaded-link.ts'

/** A call that takes longer has no answer: the thread hangs. */
const CALL_TIMEOUT_MS = 10_000

type CallWords = { do: 'ready' } | { do: 'dump' } | { do: 'close' } | { do: 'accept'; linkId: number; offerSdp: string }

interface Waiting {
  resolve(result: CallResult): void
  reject(error: Refusal): void
}

interface MediaThreadHandleOptions {
  options: MediaThreadOptions
  clock: Clock
  log?: TransportLog | undefined
}

/**
 * One media thread as the rooms' thread sees it. A thread that dies takes its links with it: they are told that they are
 * closed, their people come back by a new join, for which a new thread is started.
 */
export class MediaThreadHandle {
  readonly #options: MediaThreadHandleOptions
  readonly #links = new Map<number, ThreadedLink>()
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  #lastId = 0
  #closing: Promise<void> | null = null

  constructor(options: MediaThreadHandleOptions) {
    this.#options = options
  }

  /** Links that it has, or is making. */
  get load(): number {
    return this.#links.size
  }

  /** Binds its UDP port. @throws Refusal `media-failed`. */
  async ready(): Promise<void> {
    await this.#call({ do: 'ready' })
  }

  async dump(): Promise<WebRtcTransportDump> {
    const dump = await this.#call({ do: 'dump' })
    if (dump === null || typeof dump === 'string') throw new Refusal('media-failed', 'a media thread gave no dump')
    return dump
  }

  /** @throws Refusal as MediaTransport.accept. */
  async accept(offerSdp: string, events: MediaLinkEvents): Promise<MediaLink> {
    const link = new ThreadedLink(this.#nextId(), events, this)
    this.#links.set(link.linkId, link)
    try {
      const answerSdp = await this.#call({ do: 'accept', linkId: link.linkId, offerSdp })
      if (typeof answerSdp !== 'string') throw new Refusal('media-failed', 'a media thread gave no answer')
      link.answerSdp = answerSdp
      link.id = /^a=ice-ufrag:(\S+)/m.exec(answerSdp)?.[1] ?? ''
      return link
    } catch (error) {
      link.close()
      throw error
    }
  }

  tell(message: Exclude<ToMediaThread, { callId: number }>): void {
    this.#worker?.postMessage(message)
  }

  /** Its link has ended, by `close` of whichever side. */
  forget(linkId: number): void {
    this.#links.delete(linkId)
  }

  #nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  #call(words: CallWords): Promise<CallResult> {
    if (this.#closing && words.do !== 'close') {
      return Promise.reject(new Refusal('media-failed', 'the transport is closed'))
    }
    const callId = this.#nextId()
    this.#worker ??= this.#start()
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      const cancel = this.#options.clock.after(CALL_TIMEOUT_MS, () =>
        this.#settle(callId, (waiting) =>
          waiting.reject(new Refusal('media-failed', 'a media thread does not answer')),
        ),
      )
      this.#waiting.set(callId, {
        resolve: (result) => {
          cancel()
          resolve(result)
        },
        reject: (error) => {
          cancel()
          reject(error)
        },
      })
      worker.postMessage({ ...words, callId } satisfies ToMediaThread)
    })
  }

  #settle(callId: number, how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(callId)
    this.#waiting.delete(callId)
    if (waiting) how(waiting)
  }

  #start(): Worker {
    const worker = new Worker(new URL('./media-thread.ts', import.meta.url), {
      workerData: this.#options.options,
      // Three semi-spaces make the young generation.
      resourceLimits: { maxYoungGenerationSizeMb: 3 * MEDIA_SEMI_SPACE_MB },
    })
    worker.on('message', (message: FromMediaThread) => this.#onMessage(message))
    worker.on('error', (error) => this.#options.log?.warn({ err: error }, 'a media thread failed'))
    worker.on('exit', () => this.#onExit(worker))
    return worker
  }

  #onMessage(message: FromMediaThread): void {
    switch (message.tell) {
      case 'done':
        this.#settle(message.callId, (waiting) => waiting.resolve(message.result))
        break
      case 'refused':
        this.#settle(message.callId, (waiting) => waiting.reject(new Refusal(message.code, message.detail)))
        break
      case 'log':
        this.#options.log?.[message.level]?.(message.fields, message.message)
        break
      default:
        this.#links.get(message.linkId)?.onMessage(message)
    }
  }

  #onExit(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = null
    for (const callId of [...this.#waiting.keys()]) {
      this.#settle(callId, (waiting) => waiting.reject(new Refusal('media-failed', 'a media thread has ended')))
    }
    for (const link of [...this.#links.values()]) link.onMessage({ tell: 'closed', linkId: link.linkId })
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (const link of [...this.#links.values()]) link.close()
    const worker = this.#worker
    if (!worker) return
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    await this.#call({ do: 'close' }).catch(() => worker.terminate())
    await exited
  }
}
