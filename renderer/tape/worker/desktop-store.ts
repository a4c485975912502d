import type { FromTapeFiles, TapeFilesAnswer, ToTapeFiles } from '../../../electron/contract/tapes.ts'
import { type StoredFile, StoreFullError, type TapeLog, type TapeStore } from './tape-store.ts'

type Call = ToTapeFiles extends infer C ? (C extends { id: number } ? Omit<C, 'id'> : never) : never

/** An app that does not answer by then has no files for us. */
const OPEN_TIMEOUT_MS = 5_000

interface Waiting {
  resolve(value: TapeFilesAnswer): void
  reject(error: Error): void
}

/**
 * Tapes in files of the desktop app's own folder, written by its main process (electron/main/tapes), to which the port leads without
 * the page's main thread. What was appended is on its way there at once; a kill of the app loses what is on the way, some milliseconds.
 */
export class DesktopStore implements TapeStore {
  readonly isDurable = true
  readonly #port: MessagePort
  readonly #waiting = new Map<number, Waiting>()
  readonly #logs = new Map<number, DesktopLog>()
  #lastId = 0

  private constructor(port: MessagePort) {
    this.#port = port
    port.onmessage = ({ data }: MessageEvent<FromTapeFiles>) => this.#heed(data)
  }

  /** Null where the app does not answer. */
  static async open(port: MessagePort): Promise<DesktopStore | null> {
    const store = new DesktopStore(port)
    const tooLate = new Promise<null>((resolve) => setTimeout(() => resolve(null), OPEN_TIMEOUT_MS))
    const answers = store.tapes().then(
      () => store,
      () => null,
    )
    return Promise.race([answers, tooLate])
  }

  async tapes(): Promise<string[]> {
    return (await this.#ask({ call: 'tapes' })) as string[]
  }

  async files(tapeId: string): Promise<StoredFile[]> {
    return (await this.#ask({ call: 'files', tapeId: brand(tapeId) })) as StoredFile[]
  }

  async read(tapeId: string, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return (await this.#ask({ call: 'read', tapeId: brand(tapeId), name })) as Uint8Array<ArrayBuffer> | null
  }

  async write(tapeId: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    await this.#ask({ call: 'write', tapeId: brand(tapeId), name, bytes: alone(bytes) }).catch(asFull)
    return true
  }

  async remove(tapeId: string, name: string): Promise<void> {
    await this.#ask({ call: 'remove', tapeId: brand(tapeId), name })
  }

  async removeTape(tapeId: string): Promise<void> {
    await this.#ask({ call: 'remove-tape', tapeId: brand(tapeId) })
  }

  async openLog(tapeId: string, name: string): Promise<TapeLog> {
    this.#lastId += 1
    const log = this.#lastId
    await this.#ask({ call: 'open-log', log, tapeId: brand(tapeId), name }).catch(asFull)
    const opened = new DesktopLog(log, (message) => {
      if (message.call === 'close-log') this.#logs.delete(log)
      this.#port.postMessage(message)
    })
    this.#logs.set(log, opened)
    return opened
  }

  #ask(call: Call): Promise<TapeFilesAnswer> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#port.postMessage({ ...call, id } satisfies ToTapeFiles)
    })
  }

  #heed(message: FromTapeFiles): void {
    if ('log' in message) {
      this.#logs.get(message.log)?.failed(message.failed)
      return
    }
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.ok) waiting?.resolve(message.value)
    else waiting?.reject(new Error(message.detail))
  }
}

class DesktopLog implements TapeLog {
  readonly #log: number
  readonly #post: (message: ToTapeFiles) => void
  #failure: string | null = null
  #isOpen = true

  constructor(log: number, post: (message: ToTapeFiles) => void) {
    this.#log = log
    this.#post = post
  }

  get isWhole(): boolean {
    return this.#failure === null
  }

  append(bytes: Uint8Array<ArrayBuffer>): void {
    this.#assertWhole()
    if (this.#isOpen) this.#post({ call: 'append', log: this.#log, bytes: alone(bytes) })
  }

  flush(): void {
    this.#assertWhole()
    if (this.#isOpen) this.#post({ call: 'flush', log: this.#log })
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#post({ call: 'close-log', log: this.#log })
  }

  /** The app could not write it: found out after the fact, and thrown at the next word. */
  failed(detail: string): void {
    this.#failure = detail
  }

  #assertWhole(): void {
    if (this.#failure !== null) throw new StoreFullError(this.#failure)
  }
}

/** A view is copied with all of its buffer. */
function alone(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice()
}

/** Of ids that we made ourselves; main parses what it gets. */
function brand(tapeId: string): Extract<ToTapeFiles, { call: 'files' }>['tapeId'] {
  return tapeId as Extract<ToTapeFiles, { call: 'files' }>['tapeId']
}

/** As in the browser: whatever keeps the disk from taking it, the bytes go elsewhere. */
function asFull(error: unknown): never {
  throw new StoreFullError(error instanceof Error ? error.message : String(error))
}
