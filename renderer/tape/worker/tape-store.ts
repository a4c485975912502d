/**
 * Where tapes are kept until the server has them: a folder for each, with small files. Made for the
 * browser (opfs-store.ts), for memory and for the desktop's disk. One worker at a time writes a tape.
 */
export interface TapeStore {
  /** What was written outlives the page. */
  readonly isDurable: boolean
  /** The ids of all tapes. */
  tapes(): Promise<string[]>
  /** Empty where there is no such tape. */
  files(tapeId: string): Promise<StoredFile[]>
  /** Null where there is none. */
  read(tapeId: string, name: string): Promise<Uint8Array<ArrayBuffer> | null>
  /**
   * Writes a whole file and flushes it; a file that could not be written whole is not there afterwards. Answers whether it
   * outlives the page. @throws StoreFullError
   */
  write(tapeId: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean>
  /** Nothing happens where there is none. */
  remove(tapeId: string, name: string): Promise<void>
  removeTape(tapeId: string): Promise<void>
  /** Begins a file that grows. @throws StoreFullError */
  openLog(tapeId: string, name: string): Promise<TapeLog>
}

export interface StoredFile {
  readonly name: string
  readonly sizeBytes: number
}

/** A file that grows while sound is captured. */
export interface TapeLog {
  /** All that was appended is in the file. False: the disk was full, and the file ends before. */
  readonly isWhole: boolean
  /** At once: a page that is killed afterwards has lost none of it. @throws StoreFullError */
  append(bytes: Uint8Array): void
  /** To the disk itself: survives a power cut. @throws StoreFullError */
  flush(): void
  /** Idempotent. */
  close(): void
}

/** The disk, or the browser's share of it, is full. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError'
}

const DIGITS = 6

/** The names of the files in a tape's folder. */
export const tapeFile = {
  beginning: 'beginning.json',
  grant: 'grant.json',
  end: 'end.json',
  /** Raw samples of a chunk that is being captured (journal.ts). */
  journal: (index: number) => `${padded(index)}.pcm`,
  flac: (index: number) => `${padded(index)}.flac`,
  /** A chunk's header. The newest outlives its sound: it tells how long the tape is. */
  header: (index: number) => `${padded(index)}.json`,
} as const

export type ChunkFileKind = 'pcm' | 'flac' | 'json'

/** `000012.flac` → 12, flac; null for the other names. */
export function chunkFileOf(name: string): { index: number; kind: ChunkFileKind } | null {
  const [, digits, kind] = /^(\d{6,})\.(pcm|flac|json)$/.exec(name) ?? []
  if (digits === undefined || kind === undefined) return null
  return { index: Number(digits), kind: kind as ChunkFileKind }
}

function padded(index: number): string {
  return String(index).padStart(DIGITS, '0')
}
