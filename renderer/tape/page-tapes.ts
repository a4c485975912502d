import type { ServerClient } from '../../server/contract/client.ts'
import { tapeIdSchema } from '../../sfu-core/contract/ids.ts'
import type { TapeEnd } from '../../sfu-core/contract/tape.ts'
import { failureOf } from '../app/api-error.ts'
import { desktopBridge } from '../app/desktop.ts'
import { type Cell, cell } from '../room-session/cell.ts'
import { desktopTapePort } from './desktop-tape-port.ts'
import { openCapture } from './open-capture.ts'
import { downloadBlob, pickFile, tapeFileName } from './save-file.ts'
import type { RunningTape, TapePort, TapeRequest } from './tape-port.ts'
import type { FromTapeWorker, ToTapeWorker } from './worker/messages.ts'
import { isUnsent, type TapeAsk, type TapeAskAnswer, type TapeStatus } from './worker/tape-status.ts'

/** All that this page, and this browser, has of tapes. */
export interface PageTapes extends TapePort {
  /** Something was captured here or in another page of this browser and is not at the server yet. */
  hasUnsent(): boolean
  /** The browser promised not to clear it by itself; null until it was asked. */
  readonly persisted: Cell<boolean | null>
  /**
   * Saves what is still here of a tape to a file of the person's choice (a ZIP with FLAC files and tape.json). Call it
   * from a click. Answers false where the person chose none. @throws Error where it could not be written
   */
  saveToFile(tapeId: string): Promise<boolean>
  /** Throws a tape away that the server refuses. */
  discard(tapeId: string): void
  /** Sends now what waits for a better time: the server is there again. */
  retryNow(): void
}

export interface PageTapesOptions {
  /** Origin of the server. */
  serverUrl: string
  /** The typed API of now. */
  api(): ServerClient['api']
}

/** In the origin's private file system; the worker's opfs-store.ts makes it. */
const FOLDER = 'engawa-tapes'
/** A question of the worker that the server did not answer by then; it asks again. */
const ASK_TIMEOUT_MS = 10_000

class WorkerTapes implements PageTapes {
  readonly tapes: Cell<readonly TapeStatus[]>
  readonly persisted: Cell<boolean | null>
  readonly #options: PageTapesOptions
  readonly #tapes = cell<readonly TapeStatus[]>([])
  readonly #persisted = cell<boolean | null>(null)
  readonly #running = new Map<string, () => void>()
  readonly #saves = new Map<number, { resolve(blob: Blob | null): void; reject(error: Error): void }>()
  #worker: Worker | null = null
  #lastId = 0

  constructor(options: PageTapesOptions) {
    this.#options = options
    this.tapes = this.#tapes
    this.persisted = this.#persisted
    addEventListener('online', () => this.retryNow())
    void hasLeftovers().then((has) => has && this.prepare())
  }

  prepare(): void {
    this.#worker ??= this.#start()
  }

  retryNow(): void {
    if (this.#worker !== null) this.#post({ type: 'online' })
  }

  hasUnsent(): boolean {
    return this.#tapes.get().some(isUnsent)
  }

  begin(request: TapeRequest): RunningTape {
    const tapeId = tapeIdSchema.parse(crypto.randomUUID())
    const { source, channels, takeId, seat, roomTitle } = request
    const opening = { takeId, tapeId, source, channels, deviceLabel: request.deviceLabel.slice(0, 200) }
    const { serverUrl } = this.#options
    const beginning = { opening, seat, roomTitle, serverUrl, startedAtMs: Date.now() }
    let end: TapeEnd | null = null
    let stopCapture: () => void = () => undefined
    const begun = openCapture(request.track, () => this.#post({ type: 'suspended', tapeId })).then(
      ({ feed, transfer, stop }) => {
        stopCapture = stop
        this.#running.set(tapeId, () => request.onLost())
        this.#post({ type: 'begin', beginning, feed }, transfer)
      },
    )
    void this.#askToPersist()
    begun.catch(() => end === null && request.onLost())
    return {
      tapeId,
      finish: (why) => {
        if (end !== null) return
        end = why
        this.#running.delete(tapeId)
        void begun.then(() => this.#post({ type: 'finish', tapeId, end: why })).catch(() => undefined)
        void begun.then(() => stopCapture()).catch(() => undefined)
      },
    }
  }

  async saveToFile(tapeId: string): Promise<boolean> {
    const status = this.#tapes.get().find((tape) => tape.tapeId === tapeId)
    const name = tapeFileName(status ?? { roomTitle: '', startedAtMs: Date.now(), source: 'processed' })
    const picked = await pickFile(name)
    if (picked === 'cancelled') return false
    const blob = await this.#save(tapeId, picked)
    if (blob !== null) downloadBlob(blob, name)
    return true
  }

  discard(tapeId: string): void {
    this.#post({ type: 'discard', tapeId })
  }

  #save(tapeId: string, file: FileSystemFileHandle | null): Promise<Blob | null> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#saves.set(id, { resolve, reject })
      this.#post({ type: 'save', id, tapeId, file })
    })
  }

  #post(message: ToTapeWorker, transfer: Transferable[] = []): void {
    this.#worker ??= this.#start()
    this.#worker.postMessage(message, transfer)
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker/tape-worker.ts', import.meta.url), { type: 'module', name: 'tapes' })
    worker.onmessage = ({ data }: MessageEvent<FromTapeWorker>) => this.#heed(data)
    worker.onerror = () => this.#broke(worker)
    const desktop = desktopTapePort()
    const { serverUrl } = this.#options
    const transfer = desktop === null ? [] : [desktop]
    worker.postMessage({ type: 'start', serverUrl, desktop } satisfies ToTapeWorker, transfer)
    return worker
  }

  /** What it had captured is on the disk: the next worker takes it up. Tapes that were running begin anew. */
  #broke(worker: Worker): void {
    if (this.#worker !== worker) return
    worker.terminate()
    this.#worker = null
    const lost = [...this.#running.values()]
    this.#running.clear()
    for (const tell of lost) tell()
    for (const { reject } of this.#saves.values()) reject(new Error('the worker ended'))
    this.#saves.clear()
  }

  #heed(message: FromTapeWorker): void {
    switch (message.type) {
      case 'tapes':
        this.#tapes.set(message.tapes)
        break
      case 'ask':
        void this.#answer(message.id, message.ask)
        break
      case 'saved':
        this.#saves.get(message.id)?.resolve(message.blob)
        this.#saves.delete(message.id)
        break
      case 'save-failed':
        this.#saves.get(message.id)?.reject(new Error(message.detail))
        this.#saves.delete(message.id)
        break
      case 'lost': {
        const tell = this.#running.get(message.tapeId)
        this.#running.delete(message.tapeId)
        tell?.()
      }
    }
  }

  async #answer(id: number, ask: TapeAsk): Promise<void> {
    this.#post({ type: 'answer', id, answer: await this.#asked(ask) })
  }

  async #asked(ask: TapeAsk): Promise<TapeAskAnswer> {
    const abort = AbortSignal.timeout(ASK_TIMEOUT_MS)
    try {
      return { ok: true, value: await callServer(this.#options.api(), ask, abort) }
    } catch (error) {
      const { reason, retryAfterMs } = failureOf(error)
      return { ok: false, reason: abort.aborted ? 'timed-out' : reason, retryAfterMs }
    }
  }

  /** So that the browser does not clear our files when it wants room. Chromium and Safari decide by themselves, Firefox asks the person. */
  async #askToPersist(): Promise<void> {
    // The desktop app's files are nobody's to clear.
    if (desktopBridge() !== null) this.#persisted.set(true)
    if (this.#persisted.get() !== null || navigator.storage?.persist === undefined) return
    this.#persisted.set(await navigator.storage.persist().catch(() => false))
  }
}

function callServer(api: ServerClient['api'], ask: TapeAsk, signal: AbortSignal) {
  switch (ask.procedure) {
    case 'open':
      return api.tapes.open.mutate({ seat: ask.seat, opening: ask.opening }, { signal })
    case 'clock':
      return api.tapes.clock.query({ token: ask.token }, { signal })
    case 'end':
      return api.tapes.end.mutate({ token: ask.token, ...ask.declaration }, { signal })
  }
}

/** A page that finds nothing needs no worker. In the desktop app only the worker can look. */
async function hasLeftovers(): Promise<boolean> {
  if (desktopBridge() !== null) return true
  try {
    const root = await navigator.storage.getDirectory()
    const folder = await root.getDirectoryHandle(FOLDER)
    for await (const _ of folder.keys()) return true
  } catch {
    // None was ever made, or this browser has no such files.
  }
  return false
}

let tapes: PageTapes | null = null

/** Opens the page's tapes, and takes up what earlier pages left; once, when the server is known. */
export function openPageTapes(options: PageTapesOptions): PageTapes {
  tapes ??= new WorkerTapes(options)
  return tapes
}

/** The page's tapes. */
export function pageTapes(): PageTapes {
  if (tapes === null) throw new Error('openPageTapes comes first')
  return tapes
}
