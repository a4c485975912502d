import type { TakeId } from '../../sfu-core/contract/ids.ts'
import type { TapeChunkHeader, TapeEnd } from '../../sfu-core/contract/tape.ts'
import { TAPE_CHUNK_PAGE_COUNT } from '../limits.ts'
import type { TapeFiles } from './tape-files.ts'
import { type ChunkRecord, isComplete, type TapeRecord, type TapeStore } from './tape-record.ts'

/** All that is here of one tape, for the studio. */
export interface TapeMaterial
  extends Pick<TapeRecord, 'tapeId' | 'participantId' | 'name' | 'source' | 'channels' | 'deviceLabel'> {
  end: TapeEnd | null
  declaredSamples: number | null
  /** In order. `file`: absolute; null where it was handed over to the host's own computer. */
  chunks: { header: TapeChunkHeader; file: string | null }[]
}

/** How far a take's tapes are here as a whole. */
export interface TapesArrival {
  tapeCount: number
  /** Every tape was declared to have ended, and all of it is here. */
  isComplete: boolean
  /** When something came last, in ms since the Unix epoch; null: never. */
  newsAtMs: number | null
}

export interface TapeMaterials {
  sourcesOf(takeId: TakeId): Promise<TapeMaterial[]>
  arrivalOf(takeId: TakeId): Promise<TapesArrival>
}

export function createTapeMaterials(store: TapeStore, files: TapeFiles): TapeMaterials {
  return {
    async sourcesOf(takeId) {
      const materials: TapeMaterial[] = []
      for (const tape of await store.ofTake(takeId)) materials.push(await materialOf(tape, { store, files }))
      return materials
    },
    async arrivalOf(takeId) {
      const tapes = await store.ofTake(takeId)
      return {
        tapeCount: tapes.length,
        isComplete: tapes.every(isComplete),
        newsAtMs: tapes.length === 0 ? null : Math.max(...tapes.map((tape) => tape.newsAtMs)),
      }
    },
  }
}

async function materialOf(tape: TapeRecord, from: { store: TapeStore; files: TapeFiles }): Promise<TapeMaterial> {
  const { tapeId, participantId, name, source, channels, deviceLabel, declared } = tape
  const chunks = (await allChunks(from.store, tape)).map(({ header, isHandedOver }) => ({
    header,
    file: isHandedOver ? null : from.files.pathOf(tape, header.index),
  }))
  const end = declared?.end ?? null
  const declaredSamples = declared?.sampleCount ?? null
  return { tapeId, participantId, name, source, channels, deviceLabel, end, declaredSamples, chunks }
}

async function allChunks(store: TapeStore, { tapeId }: TapeRecord): Promise<ChunkRecord[]> {
  const chunks: ChunkRecord[] = []
  for (;;) {
    const page = await store.chunksFrom(tapeId, (chunks.at(-1)?.header.index ?? -1) + 1, TAPE_CHUNK_PAGE_COUNT)
    chunks.push(...page)
    if (page.length < TAPE_CHUNK_PAGE_COUNT) return chunks
  }
}
