import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What the recorder needs of a disk; another one in tests. */
export interface RecordFs {
  /** With its parents; nothing happens where it is. */
  makeFolder(path: string): Promise<void>
  /** @throws where the file is already there: a take's track is never written over. */
  createFile(path: string): Promise<RecordFile>
  /** Whole or not at all: a reader, and a start after a crash, sees the old content or the new. */
  replaceFile(path: string, content: string): Promise<void>
}

export interface RecordFile {
  /** All of it, at `position`. */
  write(content: Buffer, position: number): Promise<void>
  /** To the disk itself, then closed. */
  close(): Promise<void>
}

export const nodeRecordFs: RecordFs = {
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true })
  },
  createFile: async (path) => {
    const handle = await open(path, 'wx')
    return {
      write: async (content, position) => {
        let written = 0
        while (written < content.length) {
          const result = await handle.write(content, written, content.length - written, position + written)
          written += result.bytesWritten
        }
      },
      close: async () => {
        await handle.sync().finally(() => handle.close())
      },
    }
  },
  replaceFile: async (path, content) => {
    const temporary = `${path}.${process.pid}.new`
    try {
      await writeSynced(temporary, content)
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {})
      throw error
    }
    await syncFolder(dirname(path))
  },
}

async function writeSynced(path: string, content: string): Promise<void> {
  const handle = await open(path, 'w')
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The rename itself must reach the disk. Windows has no way to ask for that, and needs none. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => null)
  await handle?.sync().catch(() => {})
  await handle?.close()
}
