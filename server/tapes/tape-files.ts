import { mkdir, rm, rmdir, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { TAPES_FOLDER } from '../../sfu-core/contract/take-report.ts'
import { systemCodeOf } from '../start-problem.ts'
import { PartFile } from './part-file.ts'
import type { TapeRecord } from './tape-record.ts'

/** Which tape. */
export type TapePlace = Pick<TapeRecord, 'roomId' | 'takeId' | 'tapeId'>

/** A file that is on its way: written and flushed, not yet in its place. To be closed. */
export interface IncomingFile {
  sizeBytes: number
  /** Hexadecimal. */
  sha256: string
  read(): Promise<Buffer>
  /** Puts it there; it is on the disk itself then. @throws Refusal `server-disk-full`. */
  moveTo(place: TapePlace, index: number): Promise<void>
  /** Throws it away, where it was not moved. Idempotent. */
  close(): Promise<void>
}

/** The chunks of tapes on this server's disk: `<data>/takes/<roomId>/<takeId>/tapes/<tapeId>/000123.flac`. */
export interface TapeFiles {
  pathOf(place: TapePlace, index: number): string
  /** There, and as long as it should be. */
  has(place: TapePlace, index: number, sizeBytes: number): Promise<boolean>
  /** @throws Refusal `server-disk-full`, `timed-out` (the sender is too slow), `chunk-damaged` (it broke off). */
  receive(content: Readable): Promise<IncomingFile>
  /** Nothing happens where there is none. */
  remove(place: TapePlace, index: number): Promise<void>
  /** Nothing happens where there is none, or it is not empty. */
  removeFolder(place: TapePlace): Promise<void>
  freeBytes(): Promise<number>
  /** Throws away what was on its way when an earlier run ended. Before all else. */
  start(): Promise<void>
}

/** No room has such a name: ids have no dots. On the same file system as the takes, so that a file can be moved. */
const INCOMING_FOLDER = '.incoming'
const INDEX_DIGITS = 6

export function createTapeFiles(takesFolder: string): TapeFiles {
  const incomingFolder = path.join(takesFolder, INCOMING_FOLDER)
  const folderOf = ({ roomId, takeId, tapeId }: TapePlace) =>
    path.join(takesFolder, roomId, takeId, TAPES_FOLDER, tapeId)
  const pathOf = (place: TapePlace, index: number) =>
    path.join(folderOf(place), `${String(index).padStart(INDEX_DIGITS, '0')}.flac`)
  return {
    pathOf,
    async has(place, index, sizeBytes) {
      const found = await stat(pathOf(place, index)).catch(() => null)
      return found?.isFile() === true && found.size === sizeBytes
    },
    receive: (content) =>
      withRoom(async () => {
        const part = await PartFile.receive(incomingFolder, content)
        const moveTo = (place: TapePlace, index: number) => withRoom(() => part.moveTo(pathOf(place, index)))
        return { ...part.facts, read: () => part.read(), moveTo, close: () => part.close() }
      }),
    remove: (place, index) => rm(pathOf(place, index), { force: true }),
    removeFolder: (place) => rmdir(folderOf(place)).catch(() => undefined),
    async freeBytes() {
      const { bavail, bsize } = await statfs(takesFolder)
      return bavail * bsize
    },
    async start() {
      await rm(incomingFolder, { recursive: true, force: true })
      await mkdir(incomingFolder, { recursive: true, mode: 0o700 })
    },
  }
}

const FULL_CODES = new Set(['ENOSPC', 'EDQUOT'])

async function withRoom<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (FULL_CODES.has(systemCodeOf(error) ?? '')) throw serverDiskFull()
    throw error
  }
}

export function serverDiskFull(): Refusal {
  return new Refusal(
    'server-disk-full',
    "The server's disk is full. The recording goes on on your own computer, and is sent when there is room again.",
  )
}
