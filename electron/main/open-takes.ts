import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { TAKE_MANIFEST_NAME, takeManifestSchema } from '../../sfu-core/contract/take.ts'

/** True where a take under `<takesFolder>/<roomId>/<takeId>` has no end: nobody records yet, so a crash left it. Never rejects. */
export async function hasOpenTakes(takesFolder: string): Promise<boolean> {
  for (const room of await foldersIn(takesFolder)) {
    for (const take of await foldersIn(room)) if (await isOpen(path.join(take, TAKE_MANIFEST_NAME))) return true
  }
  return false
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(folder, entry.name))
}

/** One that cannot be read cannot be mended either. */
async function isOpen(manifestFile: string): Promise<boolean> {
  try {
    return takeManifestSchema.parse(JSON.parse(await readFile(manifestFile, 'utf8'))).endedAtMs === null
  } catch {
    return false
  }
}
