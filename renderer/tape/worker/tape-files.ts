import * as z from 'zod'
import type { TapeGrant } from '../../../server/contract/views.ts'
import { tapeIdSchema } from '../../../sfu-core/contract/ids.ts'
import {
  type TapeChunkHeader,
  tapeChunkHeaderSchema,
  tapeEndSchema,
  tapeOpeningSchema,
} from '../../../sfu-core/contract/tape.ts'
import type { ChunkSound } from './chunk-draft.ts'
import { encodeFlac } from './flac-encode.ts'
import type { TapeBeginning } from './messages.ts'
import type { EndDeclaration } from './tape-status.ts'
import { chunkFileOf, type StoredFile, type TapeLog, type TapeStore, tapeFile } from './tape-store.ts'

const beginningSchema = z.object({
  opening: tapeOpeningSchema,
  seat: z.string(),
  roomTitle: z.string(),
  serverUrl: z.string(),
  startedAtMs: z.number(),
})
const grantSchema = z.object({ tapeId: tapeIdSchema, token: z.string() })
const endSchema = z.object({ chunkCount: z.int(), sampleCount: z.int(), end: tapeEndSchema })

/** A chunk that is ready to be sent. */
export interface SealedChunk {
  readonly header: TapeChunkHeader
  readonly sizeBytes: number
  /** It outlives the page. */
  readonly isDurable: boolean
}

/** One tape's files, by what they mean. Words that cannot be read back count as not there. */
export class TapeFiles {
  readonly tapeId: string
  readonly #store: TapeStore

  constructor(store: TapeStore, tapeId: string) {
    this.#store = store
    this.tapeId = tapeId
  }

  list(): Promise<StoredFile[]> {
    return this.#store.files(this.tapeId)
  }

  beginning(): Promise<TapeBeginning | null> {
    return this.#words(tapeFile.beginning, beginningSchema)
  }

  async writeBeginning(beginning: TapeBeginning): Promise<void> {
    await this.#writeWords(tapeFile.beginning, beginning)
  }

  grant(): Promise<TapeGrant | null> {
    return this.#words(tapeFile.grant, grantSchema)
  }

  async writeGrant(grant: TapeGrant): Promise<void> {
    await this.#writeWords(tapeFile.grant, grant)
  }

  end(): Promise<EndDeclaration | null> {
    return this.#words(tapeFile.end, endSchema)
  }

  async writeEnd(end: EndDeclaration): Promise<void> {
    await this.#writeWords(tapeFile.end, end)
  }

  header(index: number): Promise<TapeChunkHeader | null> {
    return this.#words(tapeFile.header(index), tapeChunkHeaderSchema)
  }

  flac(index: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#store.read(this.tapeId, tapeFile.flac(index))
  }

  journal(index: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#store.read(this.tapeId, tapeFile.journal(index))
  }

  openJournal(index: number): Promise<TapeLog> {
    return this.#store.openLog(this.tapeId, tapeFile.journal(index))
  }

  /**
   * Encodes a chunk and writes it: first the sound, then its header; then its journal is done with. At each moment a page that
   * comes later finds either the journal or the chunk.
   */
  async seal(sound: ChunkSound, channels: number): Promise<SealedChunk> {
    const flac = await encodeFlac(sound.samples, channels)
    const sampleCount = sound.samples.length / channels
    const { index, firstSample } = sound
    const header: TapeChunkHeader = {
      index,
      firstSample,
      sampleCount,
      sha256: await sha256(flac),
      marks: [...sound.marks],
      syncs: [...sound.syncs],
      notes: [...sound.notes],
      capturedSamples: firstSample + sampleCount,
    }
    const isDurable = await this.#store.write(this.tapeId, tapeFile.flac(index), flac)
    // A header without its sound says that the sound was sent: it goes no further than the sound.
    if (isDurable) await this.#writeWords(tapeFile.header(index), header)
    if (isDurable || !this.#store.isDurable) await this.#store.remove(this.tapeId, tapeFile.journal(index))
    return { header, sizeBytes: flac.length, isDurable }
  }

  /** The server has it. Its header stays while it is the newest. */
  async sent(index: number, isNewest: boolean): Promise<void> {
    await this.#store.remove(this.tapeId, tapeFile.flac(index))
    await this.removeJournal(index)
    if (!isNewest) await this.removeHeader(index)
  }

  removeJournal(index: number): Promise<void> {
    return this.#store.remove(this.tapeId, tapeFile.journal(index))
  }

  removeHeader(index: number): Promise<void> {
    return this.#store.remove(this.tapeId, tapeFile.header(index))
  }

  removeAll(): Promise<void> {
    return this.#store.removeTape(this.tapeId)
  }

  async #words<T>(name: string, schema: z.ZodType<T>): Promise<T | null> {
    const bytes = await this.#store.read(this.tapeId, name)
    if (bytes === null) return null
    try {
      return schema.parse(JSON.parse(new TextDecoder().decode(bytes)))
    } catch {
      return null
    }
  }

  async #writeWords(name: string, words: object): Promise<void> {
    await this.#store.write(this.tapeId, name, new TextEncoder().encode(JSON.stringify(words)))
  }
}

/** The chunks of which there is a file of that kind, in order. */
export function chunksWith(kind: 'pcm' | 'flac' | 'json', files: readonly StoredFile[]): number[] {
  const found = files.flatMap(({ name }) => chunkFileOf(name) ?? []).filter((file) => file.kind === kind)
  return found.map(({ index }) => index).sort((a, b) => a - b)
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
