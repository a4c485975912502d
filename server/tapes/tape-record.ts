import type { ParticipantId, RoomId, TakeId, TapeId } from '../../sfu-core/contract/ids.ts'
import type { TapeChunkHeader, TapeEnd, TapeSource } from '../../sfu-core/contract/tape.ts'
import type { TapeProgress } from './tape-progress.ts'

/** A tape as it is kept. Times are ms since the Unix epoch. */
export interface TapeRecord {
  tapeId: TapeId
  roomId: RoomId
  takeId: TakeId
  participantId: ParticipantId
  /** Whose quota it counts for: the account, or the guest's seat. */
  owner: string
  name: string
  source: TapeSource
  channels: number
  deviceLabel: string
  openedAtMs: number
  declared: TapeDeclared | null
  /** Of the chunks that are here. */
  chunkCount: number
  sizeBytes: number
  progress: TapeProgress
  newsAtMs: number
}

/** What the page said when no more was to come. */
export interface TapeDeclared {
  end: TapeEnd
  chunkCount: number
  sampleCount: number
}

/** All of it is here, and no more will come. */
export function isComplete({ declared, progress }: Pick<TapeRecord, 'declared' | 'progress'>): boolean {
  return declared !== null && progress.contiguousChunks >= declared.chunkCount
}

export interface ChunkRecord {
  tapeId: TapeId
  header: TapeChunkHeader
  sizeBytes: number
  storedAtMs: number
  /** Its file is on the host's own computer, and not here. */
  isHandedOver: boolean
}

export type ChunkRange = Pick<TapeChunkHeader, 'index' | 'firstSample' | 'sampleCount'>

/** A chunk's place: what is stored there, and the nearest ones on both sides. */
export interface ChunkPlace {
  same: ChunkRecord | null
  before: ChunkRecord | null
  after: ChunkRecord | null
}

/** Where tapes are kept. */
export interface TapeStore {
  find(tapeId: TapeId): Promise<TapeRecord | null>
  /** In the order in which they began. */
  ofTake(takeId: TakeId): Promise<TapeRecord[]>
  countOf(takeId: TakeId, participantId: ParticipantId): Promise<number>
  /** Nothing happens where there is one of that id. */
  insert(tape: TapeRecord): Promise<void>
  around(tapeId: TapeId, index: number): Promise<ChunkPlace>
  /** With the progress that the tape then has. @throws where the index is taken. */
  addChunk(chunk: Omit<ChunkRecord, 'isHandedOver'>, progress: TapeProgress): Promise<void>
  end(tapeId: TapeId, declared: TapeDeclared, nowMs: number): Promise<void>
  /** `count` chunks from that index on, in order, as far as they are here. */
  chunksFrom(tapeId: TapeId, fromIndex: number, count: number): Promise<ChunkRecord[]>
  /** All from that index on, in order. */
  rangesFrom(tapeId: TapeId, fromIndex: number): Promise<ChunkRange[]>
  usage(takeId: TakeId, owner: string): Promise<{ takeBytes: number; ownerBytes: number }>
  totalBytes(): Promise<number>
}
