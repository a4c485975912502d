import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { RoomId, TakeId } from '../contract/ids.ts'
import { Refusal } from '../contract/reasons.ts'
import { TAKE_MIN_FREE_BYTES } from './limits.ts'

/**
 * Makes the folder of a take, `<takes>/<room>/<take>`, so that a disk that cannot be written is known before a
 * recording is said to run.
 * @throws Refusal `disk-full`, `recording-failed`.
 */
export async function makeTakeFolder(takesFolder: string, take: { roomId: RoomId; takeId: TakeId }): Promise<string> {
  const folder = join(takesFolder, take.roomId, take.takeId)
  try {
    await mkdir(folder, { recursive: true })
    const { bavail, bsize } = await statfs(folder)
    if (bavail * bsize < TAKE_MIN_FREE_BYTES)
      throw new Refusal('disk-full', `less than ${TAKE_MIN_FREE_BYTES} bytes are free`)
    return folder
  } catch (error) {
    if (error instanceof Refusal) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new Refusal(code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'recording-failed', message)
  }
}
