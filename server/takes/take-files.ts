import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RoomId, TakeId } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { TAKE_MANIFEST_NAME, type TakeManifest } from '../../sfu-core/contract/take.ts'
import { TAKE_FILE_MAX_BYTES } from '../limits.ts'
import { systemCodeOf } from '../start-problem.ts'

/** Which take. */
export interface TakePlace {
  roomId: RoomId
  takeId: TakeId
}

interface FoundFile {
  name: string
  path: string
  sizeBytes: number
  modifiedAtMs: number
}

/** The files of takes on this server's disk: `<data>/takes/<roomId>/<takeId>/<file>`. */
export interface TakeFiles {
  folderOf(place: TakePlace): string
  /** A file that the manifest names, or the manifest itself; null where it is not (yet) there. */
  find(place: TakePlace, manifest: TakeManifest, name: string): Promise<FoundFile | null>
  /** All of them; null where one is missing. */
  findAll(place: TakePlace, manifest: TakeManifest): Promise<FoundFile[] | null>
  /**
   * Keeps a file that a relay sends; it appears whole or not at all.
   * @throws Refusal `message-too-large`, `disk-full`, `input-invalid` (another hash than told).
   */
  receive(place: TakePlace, name: string, upload: Upload): Promise<void>
}

interface Upload {
  content: Readable
  /** Hexadecimal; null: not told. */
  sha256: string | null
}

interface LimitedUpload extends Upload {
  maxBytes: number
}

/** Letters and digits of any script, and marks that no file system trips over; no path, no hidden file. */
const SAFE_NAME = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._ -]{0,119}$/u

export function isSafeName(name: string): boolean {
  return SAFE_NAME.test(name) && !name.includes('..')
}

/** The names that may be asked for: the manifest's, and its own. */
function namesOf(manifest: TakeManifest): string[] {
  return [TAKE_MANIFEST_NAME, ...manifest.tracks.map((track) => track.file)].filter(isSafeName)
}

export function createTakeFiles(takesFolder: string): TakeFiles {
  const folderOf = ({ roomId, takeId }: TakePlace) => path.join(takesFolder, roomId, takeId)
  const find: TakeFiles['find'] = async (place, manifest, name) =>
    namesOf(manifest).includes(name) ? statFile(path.join(folderOf(place), name)) : null
  return {
    folderOf,
    find,
    async findAll(place, manifest) {
      const found = await Promise.all(namesOf(manifest).map((name) => find(place, manifest, name)))
      return found.every((file) => file !== null) ? found : null
    },
    async receive(place, name, upload) {
      const folder = folderOf(place)
      await mkdir(folder, { recursive: true })
      await receiveFile(path.join(folder, name), { ...upload, maxBytes: TAKE_FILE_MAX_BYTES })
    },
  }
}

/** Links are not followed: what lies in the takes folder was put there as files. */
async function statFile(file: string): Promise<FoundFile | null> {
  try {
    const stat = await lstat(file)
    if (!stat.isFile()) return null
    return { name: path.basename(file), path: file, sizeBytes: stat.size, modifiedAtMs: stat.mtimeMs }
  } catch {
    return null
  }
}

/**
 * The file appears whole and flushed, or not at all.
 * @throws Refusal `message-too-large`, `disk-full`, `input-invalid` (another hash than told).
 */
export async function receiveFile(target: string, { content, sha256, maxBytes }: LimitedUpload): Promise<void> {
  const part = `${target}.${randomBytes(6).toString('hex')}.part`
  try {
    const found = await writeMeasured(content, { file: part, maxBytes })
    if (sha256 !== null && sha256.toLowerCase() !== found) {
      throw new Refusal('input-invalid', 'The file arrived damaged: its hash differs.')
    }
    await flushToDisk(part)
    await rename(part, target)
  } catch (error) {
    await rm(part, { force: true })
    if (systemCodeOf(error) === 'ENOSPC') throw new Refusal('disk-full', "The server's disk is full.")
    throw error
  }
}

/** Returns the SHA-256 of what was written. */
async function writeMeasured(
  content: Readable,
  { file, maxBytes }: { file: string; maxBytes: number },
): Promise<string> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  async function* measured(source: AsyncIterable<Buffer>) {
    for await (const part of source) {
      sizeBytes += part.length
      if (sizeBytes > maxBytes) throw new Refusal('message-too-large', 'The file is too large.')
      hash.update(part)
      yield part
    }
  }
  await pipeline(content, measured, createWriteStream(file, { mode: 0o600 }))
  return hash.digest('hex')
}

async function flushToDisk(file: string): Promise<void> {
  const handle = await open(file, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
