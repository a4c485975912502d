import { crc32 } from './crc32.ts'

/** Where a ZIP goes, piece by piece. */
export type Sink = (bytes: Uint8Array<ArrayBuffer>) => Promise<void>

const VERSION = 20
/** Sizes and checksum follow the data; the name is UTF-8 (APPNOTE 4.4.4, bits 3 and 11). */
const FLAGS = 0x0808
const STORED = 0
/** Without ZIP64; a tape that is kept here for seven hours is smaller. */
const MAX_BYTES = 0xffff_ffff

interface Entry {
  readonly name: Uint8Array<ArrayBuffer>
  readonly offset: number
  crc: number
  sizeBytes: number
}

/** Writes a ZIP (PKWARE APPNOTE 6.3.10) of stored files as a stream: nothing is kept but the list of names. */
export class ZipWriter {
  readonly #sink: Sink
  readonly #time: { date: number; time: number }
  readonly #entries: Entry[] = []
  #at = 0

  constructor(sink: Sink, madeAt: Date) {
    this.#sink = sink
    this.#time = dosTime(madeAt)
  }

  /** `write` gives the file's pieces to the function that it gets. */
  async file(name: string, write: (give: Sink) => Promise<void>): Promise<void> {
    const entry: Entry = { name: new TextEncoder().encode(name), offset: this.#at, crc: 0, sizeBytes: 0 }
    await this.#put(this.#localHeader(entry))
    await write(async (bytes) => {
      entry.crc = crc32(bytes, entry.crc)
      entry.sizeBytes += bytes.length
      await this.#put(bytes)
    })
    await this.#put(fields([0x0807_4b50, 4], [entry.crc, 4], [entry.sizeBytes, 4], [entry.sizeBytes, 4]))
    this.#entries.push(entry)
  }

  /** The directory. @throws Error where the whole is too large for a ZIP of this kind */
  async end(): Promise<void> {
    const directoryAt = this.#at
    for (const entry of this.#entries) await this.#put(this.#directoryEntry(entry))
    const count = this.#entries.length
    const sizeBytes = this.#at - directoryAt
    if (this.#at > MAX_BYTES) throw new Error('more than 4 GB do not fit into this file')
    await this.#put(
      fields([0x0605_4b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [sizeBytes, 4], [directoryAt, 4], [0, 2]),
    )
  }

  #localHeader({ name }: Entry): Uint8Array<ArrayBuffer> {
    const head = fields([0x0403_4b50, 4], ...this.#common(), [0, 4], [0, 4], [0, 4], [name.length, 2], [0, 2])
    return joined(head, name)
  }

  #directoryEntry({ name, crc, sizeBytes, offset }: Entry): Uint8Array<ArrayBuffer> {
    const sizes: Field[] = [
      [crc, 4],
      [sizeBytes, 4],
      [sizeBytes, 4],
      [name.length, 2],
    ]
    const rest: Field[] = [
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 4],
      [offset, 4],
    ]
    return joined(fields([0x0201_4b50, 4], [VERSION, 2], ...this.#common(), ...sizes, ...rest), name)
  }

  #common(): Field[] {
    return [
      [VERSION, 2],
      [FLAGS, 2],
      [STORED, 2],
      [this.#time.time, 2],
      [this.#time.date, 2],
    ]
  }

  async #put(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#at += bytes.length
    await this.#sink(bytes)
  }
}

/** A value and its length in bytes. */
type Field = readonly [value: number, lengthBytes: 2 | 4]

function fields(...values: Field[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.reduce((sum, [, lengthBytes]) => sum + lengthBytes, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const [value, lengthBytes] of values) {
    if (lengthBytes === 2) view.setUint16(at, value, true)
    else view.setUint32(at, value, true)
    at += lengthBytes
  }
  return bytes
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(first.length + second.length)
  all.set(first)
  all.set(second, first.length)
  return all
}

/** APPNOTE 4.4.6: local time, in steps of two seconds. */
function dosTime(at: Date): { date: number; time: number } {
  return {
    date: ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate(),
    time: (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1),
  }
}
