import { open, readdir } from 'node:fs/promises'
import path from 'node:path'

/** What was made is on the disk itself when the server hears that it is done: minutes of writing for a slow disk, in this process. */
export async function flushFolder(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile()) await flush(path.join(folder, entry.name))
  }
}

async function flush(file: string): Promise<void> {
  // Windows flushes only what is open for writing.
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
