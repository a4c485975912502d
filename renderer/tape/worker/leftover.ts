import type { TapeGrant } from '../../../server/contract/views.ts'
import { readJournal } from './journal.ts'
import type { TapeBeginning } from './messages.ts'
import { chunksWith, type SealedChunk, sha256, type TapeFiles } from './tape-files.ts'
import type { EndDeclaration } from './tape-status.ts'
import { tapeFile } from './tape-store.ts'

/** What a page that is gone left of a tape. */
export interface Leftover {
  readonly beginning: TapeBeginning
  readonly grant: TapeGrant | null
  /** To be sent; in order. */
  readonly chunks: readonly SealedChunk[]
  readonly end: EndDeclaration
}

/**
 * Makes chunks of the journals of a tape whose page is gone, and gathers what is to be sent. A chunk of which neither file nor
 * journal can be read is left out: the server sees that it is missing. @throws Error where the codec cannot be loaded
 */
export async function recover(files: TapeFiles): Promise<Leftover> {
  const beginning = await files.beginning()
  if (beginning === null) throw new Error('there is no such tape')
  const { channels } = beginning.opening
  const sealedNow = await sealJournals(files, channels)
  const chunks = await gather(files, sealedNow)
  const end = (await files.end()) ?? (await lostEnd(files, chunks))
  return { beginning, grant: await files.grant(), chunks, end }
}

/** Answers with the chunks that were made. */
async function sealJournals(files: TapeFiles, channels: number): Promise<Map<number, SealedChunk>> {
  const made = new Map<number, SealedChunk>()
  for (const index of chunksWith('pcm', await files.list())) {
    if (await isWhole(files, index)) {
      await files.removeJournal(index)
      continue
    }
    const content = readJournal((await files.journal(index)) ?? new Uint8Array())
    if (content === null || content.samples.length < channels) await files.removeJournal(index)
    else made.set(index, await files.seal(content, channels))
  }
  return made
}

async function isWhole(files: TapeFiles, index: number): Promise<boolean> {
  const [header, flac] = await Promise.all([files.header(index), files.flac(index)])
  return header !== null && flac !== null && (await sha256(flac)) === header.sha256
}

async function gather(files: TapeFiles, made: ReadonlyMap<number, SealedChunk>): Promise<SealedChunk[]> {
  const sizes = new Map((await files.list()).map(({ name, sizeBytes }) => [name, sizeBytes]))
  const chunks: SealedChunk[] = [...made.values()]
  for (const index of chunksWith('flac', await files.list())) {
    const header = made.has(index) ? null : await files.header(index)
    // Not read through here: three hours are a gigabyte. The server checks each hash.
    if (header !== null) chunks.push({ header, sizeBytes: sizes.get(tapeFile.flac(index)) ?? 0, isDurable: true })
  }
  return chunks.sort((a, b) => a.header.index - b.header.index)
}

/** The page went without a word: the newest header tells how long the tape is, also where its sound was sent. */
async function lostEnd(files: TapeFiles, chunks: readonly SealedChunk[]): Promise<EndDeclaration> {
  const newest = chunksWith('json', await files.list()).at(-1)
  const headers = [newest === undefined ? null : await files.header(newest), chunks.at(-1)?.header ?? null]
  let [chunkCount, sampleCount] = [0, 0]
  for (const header of headers) {
    if (header === null || header.index < chunkCount) continue
    chunkCount = header.index + 1
    sampleCount = header.firstSample + header.sampleCount
  }
  return { chunkCount, sampleCount, end: 'lost' }
}
