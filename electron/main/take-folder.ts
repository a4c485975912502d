import { readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { takeIdSchema } from '../../sfu-core/contract/ids.ts'
import { TAKE_MANIFEST_NAME } from '../../sfu-core/contract/take.ts'

/**
 * The folder of a take under `<takesFolder>/<roomId>/<takeId>`. null: no valid id, not recorded on this computer, or
 * (by a symbolic link) outside the folder of takes.
 * @param takeId from the page: not trusted
 */
export async function findTakeFolder(takesFolder: string, takeId: unknown): Promise<string | null> {
  const id = takeIdSchema.safeParse(takeId)
  if (!id.success) return null
  const rooms = await readdir(takesFolder, { withFileTypes: true }).catch(() => [])
  for (const room of rooms) {
    if (!room.isDirectory()) continue
    const folder = path.join(takesFolder, room.name, id.data)
    if ((await isTake(folder)) && (await isInside(takesFolder, folder))) return folder
  }
  return null
}

async function isTake(folder: string): Promise<boolean> {
  return stat(path.join(folder, TAKE_MANIFEST_NAME)).then(
    (found) => found.isFile(),
    () => false,
  )
}

async function isInside(parent: string, child: string): Promise<boolean> {
  const [realParent, realChild] = await Promise.all([realpath(parent), realpath(child)])
  return realChild.startsWith(realParent + path.sep)
}
