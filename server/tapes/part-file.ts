import { createHash, randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { systemCodeOf } from '../start-problem.ts'
import { readInTime } from './slow-reading.ts'

/** What comes in is written in pieces of about this much. */
const WRITE_BYTES = 256 * 1024

export interface PartFacts {
  sizeBytes: number
  /** Hexadecimal. */
  sha256: string
}

/** A file that is being received, in a folder of its own until it is moved to its place. */
export class PartFile {
  readonly facts: PartFacts
  readonly #file: string
  readonly #handle: FileHandle
  #isMoved = false
  #handleClosing: Promise<void> | null = null
  #closing: Promise<void> | null = null

  private constructor(file: string, handle: FileHandle, facts: PartFacts) {
    this.#file = file
    this.#handle = handle
    this.facts = facts
  }

  /** Writes it all and flushes it. @throws as readInTime and the disk. */
  static async receive(folder: string, content: Readable): Promise<PartFile> {
    const file = path.join(folder, `${randomBytes(12).toString('hex')}.part`)
    const handle = await open(file, 'wx+', 0o600)
    try {
      return new PartFile(file, handle, await writeMeasured(content, handle))
    } catch (error) {
      await handle.close()
      await rm(file, { force: true })
      throw error
    }
  }

  async read(): Promise<Buffer> {
    const content = Buffer.alloc(this.facts.sizeBytes)
    for (let done = 0; done < content.length; ) {
      const { bytesRead } = await this.#handle.read(content, done, content.length - done, done)
      if (bytesRead === 0) throw new Error('a file became shorter')
      done += bytesRead
    }
    return content
  }

  /** Over what may be there. Its name is on the disk itself then. Cannot be read any more: not every system moves an open file. */
  async moveTo(target: string): Promise<void> {
    const folder = path.dirname(target)
    await this.#closeHandle()
    try {
      await rename(this.#file, target)
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') throw error
      await makeFolder(folder)
      await rename(this.#file, target)
    }
    this.#isMoved = true
    await syncFolder(folder)
  }

  /** Throws it away, where it was not moved. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #closeHandle(): Promise<void> {
    this.#handleClosing ??= this.#handle.close()
    return this.#handleClosing
  }

  async #close(): Promise<void> {
    await this.#closeHandle()
    if (!this.#isMoved) await rm(this.#file, { force: true })
  }
}

async function writeMeasured(content: Readable, handle: FileHandle): Promise<PartFacts> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  let waiting: Buffer[] = []
  let waitingBytes = 0
  const write = async () => {
    await writeAll(handle, Buffer.concat(waiting, waitingBytes))
    waiting = []
    waitingBytes = 0
  }
  for await (const part of readInTime(content)) {
    hash.update(part)
    sizeBytes += part.length
    waiting.push(part)
    waitingBytes += part.length
    if (waitingBytes >= WRITE_BYTES) await write()
  }
  await write()
  await handle.sync()
  return { sizeBytes, sha256: hash.digest('hex') }
}

async function writeAll(handle: FileHandle, content: Buffer): Promise<void> {
  for (let written = 0; written < content.length; ) {
    written += (await handle.write(content, written)).bytesWritten
  }
}

/** With its parents; each one that is new is on the disk then. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) await syncFolder(path.dirname(made))
}

/** The new name itself must reach the disk. Windows has no way to ask for that, and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
