/** What this browser says of its storage, where recordings wait until they are sent. */
export interface StorageFacts {
  /** It promised not to clear them by itself; null: it knows no such promise. */
  readonly persisted: boolean | null
  /** What a page may still store; null: it does not say. */
  readonly freeBytes: number | null
  /** It has files that outlive the page at all. */
  readonly isDurable: boolean
}

type Storage = Partial<Pick<StorageManager, 'persisted' | 'estimate' | 'getDirectory'>>

/** Never rejects. */
export async function storageFacts(storage: Storage | undefined): Promise<StorageFacts> {
  const persisted = await quietly(() => storage?.persisted?.())
  const estimate = await quietly(() => storage?.estimate?.())
  const folder = await quietly(() => storage?.getDirectory?.())
  const { quota, usage } = estimate ?? {}
  return {
    persisted: persisted ?? null,
    freeBytes: quota === undefined ? null : Math.max(0, quota - (usage ?? 0)),
    isDurable: folder !== null,
  }
}

/** What is not there, or refused, is null. */
async function quietly<T>(ask: () => Promise<T> | undefined): Promise<T | null> {
  try {
    return (await ask()) ?? null
  } catch {
    return null
  }
}

/** 24 bit, 48 kHz, one channel, as if FLAC saved nothing: more than a tape ever takes. */
const BYTES_PER_CHANNEL_AND_HOUR = 3 * 48_000 * 3_600

/** For how many hours of one's own voice there is room at least. Pure. */
export function hoursOfRoom(freeBytes: number, channelCount: number): number {
  return Math.floor(freeBytes / (BYTES_PER_CHANNEL_AND_HOUR * channelCount))
}
