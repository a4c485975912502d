import {
  type FromTapeFiles,
  TAPE_LOGS_OPEN_MAX,
  type TapeFilesAnswer,
  type ToTapeFiles,
  toTapeFilesSchema,
} from '../../contract/tapes.ts'
import type { Log } from '../log.ts'
import type { GrowingFile } from './growing-file.ts'
import type { TapeFolder } from './tape-folder.ts'

/** Electron's MessagePortMain, as far as it is needed. */
export interface TapePort {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  postMessage(message: unknown): void
  start(): void
}

export interface ServeTapesOptions {
  port: TapePort
  folder: TapeFolder
  log: Log
}

type Asked = Extract<ToTapeFiles, { id: number }>
type Told = Exclude<ToTapeFiles, Asked>

/** Does what one page's tape worker asks for, until it is gone. */
export function serveTapes({ port, folder, log }: ServeTapesOptions): void {
  const session = new TapeSession((message) => port.postMessage(message), folder)
  port.on('message', ({ data }) => {
    const message = toTapeFilesSchema.safeParse(data)
    if (!message.success) log('tapes: a message that is not one was dropped')
    else if ('id' in message.data) void session.answer(message.data)
    else session.heed(message.data)
  })
  port.on('close', () => session.close())
  port.start()
}

class TapeSession {
  readonly #post: (message: FromTapeFiles) => void
  readonly #folder: TapeFolder
  /** A log may be written to before it is open. */
  readonly #logs = new Map<number, Promise<GrowingFile | null>>()

  constructor(post: (message: FromTapeFiles) => void, folder: TapeFolder) {
    this.#post = post
    this.#folder = folder
  }

  async answer(asked: Asked): Promise<void> {
    const { id } = asked
    try {
      this.#post({ id, ok: true, value: await this.#done(asked) })
    } catch (error) {
      this.#post({ id, ok: false, detail: sentenceOf(error) })
    }
  }

  heed(told: Told): void {
    const log = this.#logs.get(told.log)
    if (log === undefined) return
    switch (told.call) {
      case 'append':
        void log.then((file) => file?.append(told.bytes))
        return
      case 'flush':
        void log.then((file) => file?.flush())
        return
      case 'close-log':
        this.#logs.delete(told.log)
        void log.then((file) => file && this.#folder.closeLog(file))
        return
    }
  }

  /** What was told is written still. Idempotent. */
  close(): void {
    for (const log of this.#logs.keys()) this.heed({ call: 'close-log', log })
  }

  async #done(asked: Asked): Promise<TapeFilesAnswer> {
    const folder = this.#folder
    switch (asked.call) {
      case 'tapes':
        return folder.tapes()
      case 'files':
        return folder.files(asked.tapeId)
      case 'read':
        return folder.read(asked)
      case 'write':
        await folder.write(asked, asked.bytes)
        return null
      case 'remove':
        await folder.remove(asked)
        return null
      case 'remove-tape':
        await folder.removeTape(asked.tapeId)
        return null
      case 'open-log':
        await this.#open(asked)
        return null
    }
  }

  async #open(asked: Extract<Asked, { call: 'open-log' }>): Promise<void> {
    if (this.#logs.size >= TAPE_LOGS_OPEN_MAX || this.#logs.has(asked.log)) throw new Error('too many open files')
    const opening = this.#folder.openLog(asked, (error) => this.#post({ log: asked.log, failed: sentenceOf(error) }))
    this.#logs.set(
      asked.log,
      opening.catch(() => null),
    )
    try {
      await opening
    } catch (error) {
      this.#logs.delete(asked.log)
      throw error
    }
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
