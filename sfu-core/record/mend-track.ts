import { open, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { TakeTrack } from '../contract/take.ts'
import { asLastPage, type ReadOggPage, readOggPages } from './ogg.ts'
import { OPUS_PRE_SKIP_SAMPLES } from './opus-stream.ts'

/**
 * Closes a file that nobody closed: cuts what is torn off its end, marks the last page, reads the real length.
 * Null where there is no file, or nothing of it that a player would open. @throws where the disk refuses to read or
 * write: the file may be whole.
 */
export async function mendTrack(folder: string, track: TakeTrack): Promise<TakeTrack | null> {
  const path = join(folder, basename(track.file))
  const file = await readIfThere(path)
  const pages = file ? readOggPages(file) : []
  const last = pages.at(-1)
  // Two header pages at least (RFC 7845 §3), else no player opens it.
  if (!file || !last || pages.length < 2) return null
  const sizeBytes = last.offset + last.sizeBytes
  await closeFile(path, { sizeBytes, last, isTorn: sizeBytes < file.length })
  return { ...track, sizeBytes, lengthSamples: Math.max(0, last.granule - OPUS_PRE_SKIP_SAMPLES) }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

async function closeFile(path: string, end: { sizeBytes: number; last: ReadOggPage; isTorn: boolean }): Promise<void> {
  if (!end.isTorn && end.last.isLast) return
  const handle = await open(path, 'r+')
  try {
    await handle.truncate(end.sizeBytes)
    await handle.write(asLastPage(end.last), 0, null, end.last.offset)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
