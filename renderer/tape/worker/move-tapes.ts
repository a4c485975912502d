import type { TapeStore } from './tape-store.ts'

/**
 * Moves all tapes of a store into another, file by file: what is here twice after a crash is written anew. What the
 * other one has no room for stays.
 */
export async function moveTapes(from: TapeStore, to: TapeStore): Promise<void> {
  for (const tapeId of await from.tapes()) {
    for (const { name } of await from.files(tapeId)) {
      const bytes = await from.read(tapeId, name)
      if (bytes !== null) await to.write(tapeId, name, bytes)
    }
    await from.removeTape(tapeId)
  }
}
