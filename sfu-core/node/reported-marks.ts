import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TAKE_MANIFEST_NAME, type TakeManifest, takeManifestSchema } from '../contract/take.ts'

/** In a take's folder: the server has the take's last manifest. */
const MARK_NAME = '.reported'

/** Remembers beyond this process that the server knows how the take ended. */
export async function markReported(takesFolder: string, take: TakeManifest): Promise<void> {
  await writeFile(join(takesFolder, take.roomId, take.takeId, MARK_NAME), '')
}

/**
 * The takes that ended, but whose end the server was never told of: it was away, or the node died.
 * `onUnreadable`: a folder that cannot be read is left as it is.
 */
export async function unreportedTakes(
  takesFolder: string,
  onUnreadable: (folder: string, error: unknown) => void,
): Promise<TakeManifest[]> {
  const takes: TakeManifest[] = []
  for (const folder of await takeFolders(takesFolder)) {
    try {
      const take = await unreportedTake(folder)
      if (take) takes.push(take)
    } catch (error) {
      onUnreadable(folder, error)
    }
  }
  return takes
}

async function unreportedTake(folder: string): Promise<TakeManifest | null> {
  const files = await readdir(folder)
  if (files.includes(MARK_NAME) || !files.includes(TAKE_MANIFEST_NAME)) return null
  const take = takeManifestSchema.parse(JSON.parse(await readFile(join(folder, TAKE_MANIFEST_NAME), 'utf8')))
  return take.endedAtMs === null ? null : take
}

async function takeFolders(takesFolder: string): Promise<string[]> {
  const rooms = await subfolders(takesFolder)
  return (await Promise.all(rooms.map(subfolders))).flat()
}

async function subfolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
