import type { KeyObject } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { TapeId } from '../../sfu-core/contract/ids.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { Receipt, TapeChunkHeader } from '../../sfu-core/contract/tape.ts'
import type { NowMs } from '../clock.ts'
import { databaseCodeOf } from '../db/database-errors.ts'
import { TAPE_CHUNK_PAGE_COUNT } from '../limits.ts'
import { assertFits } from './chunk-range.ts'
import { checkFlac } from './flac-check.ts'
import type { KeyedLock } from './keyed-lock.ts'
import { receiptFor } from './receipts.ts'
import { type IncomingFile, serverDiskFull, type TapeFiles } from './tape-files.ts'
import type { TapeNews } from './tape-news.ts'
import { advanced, heardOf, type TapeProgress } from './tape-progress.ts'
import type { TapeQuotas } from './tape-quotas.ts'
import type { ChunkRecord, TapeRecord, TapeStore } from './tape-record.ts'
import type { UploadGate } from './upload-gate.ts'

export interface ChunkReceiverDeps {
  store: TapeStore
  files: TapeFiles
  quotas: TapeQuotas
  gate: UploadGate
  /** By tape: what is read of it must still be so when it is written. */
  lock: KeyedLock
  signingKey: KeyObject
  nowMs: NowMs
  news: TapeNews
}

/** A chunk on its way in. */
export interface ChunkUpload {
  tapeId: TapeId
  header: TapeChunkHeader
  /** As the sender says; the line delivers no more. */
  sizeBytes: number
  content: Readable
}

/**
 * Takes a chunk in: cheap checks before dear ones, then its content, then disk, database and receipt in this order, so that a
 * receipt is never given for what a crash could still lose. A chunk that is here already is answered by its receipt.
 * @throws Refusal `not-allowed` (no such tape), `chunk-conflict`, `chunk-damaged`, `quota-exceeded`, `server-disk-full`, `timed-out`,
 *   `too-many-requests`.
 */
export async function receiveChunk(deps: ChunkReceiverDeps, upload: ChunkUpload): Promise<Receipt> {
  const tape = await knownTape(deps, upload.tapeId)
  const { row, isHere } = await lookAt(deps, tape, upload)
  if (row !== null && isHere) return receiptFor(row, deps.signingKey)
  await deps.quotas.assertRoomFor(tape, upload.sizeBytes)
  return deps.gate.upload(tape.tapeId, async () => {
    const file = await deps.files.receive(upload.content)
    try {
      await deps.gate.check(() => assertContent(file, tape, upload.header))
      return await deps.lock.run(tape.tapeId, () => keep(deps, upload, file))
    } finally {
      await file.close()
    }
  })
}

async function knownTape({ store }: ChunkReceiverDeps, tapeId: TapeId): Promise<TapeRecord> {
  const tape = await store.find(tapeId)
  if (tape === null) throw new Refusal('not-allowed', 'This server does not know that tape.')
  return tape
}

/** What is stored at a chunk's place. */
interface Place {
  row: ChunkRecord | null
  /** Its file is where it should be; what somebody took away is taken in anew. */
  isHere: boolean
}

/** @throws Refusal `chunk-conflict` where the chunk has no place in the tape. */
async function lookAt({ store, files }: ChunkReceiverDeps, tape: TapeRecord, { header }: ChunkUpload): Promise<Place> {
  const { same, before, after } = await store.around(tape.tapeId, header.index)
  if (same === null) {
    assertFits(header, { before: before?.header ?? null, after: after?.header ?? null, declared: tape.declared })
    return { row: null, isHere: false }
  }
  if (!isSameChunk(same.header, header)) {
    throw new Refusal('chunk-conflict', 'Another chunk is stored at that place of the tape.')
  }
  return { row: same, isHere: same.isHandedOver || (await files.has(tape, header.index, same.sizeBytes)) }
}

function isSameChunk(a: TapeChunkHeader, b: TapeChunkHeader): boolean {
  return a.sha256 === b.sha256 && a.firstSample === b.firstSample && a.sampleCount === b.sampleCount
}

async function assertContent(file: IncomingFile, { channels }: TapeRecord, header: TapeChunkHeader): Promise<void> {
  if (file.sha256 !== header.sha256) throw new Refusal('chunk-damaged', 'The chunk arrived damaged: its hash differs.')
  checkFlac(await file.read(), { channels, sampleCount: header.sampleCount })
}

/** Looks again first: another upload of the same place may have been quicker. */
async function keep(deps: ChunkReceiverDeps, upload: ChunkUpload, file: IncomingFile): Promise<Receipt> {
  const { header } = upload
  const tape = await knownTape(deps, upload.tapeId)
  const { row, isHere } = await lookAt(deps, tape, upload)
  if (row === null || !isHere) await file.moveTo(tape, header.index)
  if (row !== null) return receiptFor(row, deps.signingKey)
  const chunk = { tapeId: tape.tapeId, header, sizeBytes: file.sizeBytes, storedAtMs: deps.nowMs() }
  await addRow(deps, chunk, await progressWith(deps, tape, header))
  deps.quotas.added(file.sizeBytes)
  deps.news.tell(tape.takeId)
  return receiptFor(chunk, deps.signingKey)
}

/** PostgreSQL's own word for a full disk: 53100 (PostgreSQL manual, appendix A). */
const DATABASE_DISK_FULL = '53100'

async function addRow(
  { store }: ChunkReceiverDeps,
  chunk: Omit<ChunkRecord, 'isHandedOver'>,
  progress: TapeProgress,
): Promise<void> {
  try {
    await store.addChunk(chunk, progress)
  } catch (error) {
    if (databaseCodeOf(error) === DATABASE_DISK_FULL) throw serverDiskFull()
    throw error
  }
}

/** How far the tape is here once this chunk is: where it fills a hole, later ones count too. */
async function progressWith(
  { store }: ChunkReceiverDeps,
  { tapeId, chunkCount, progress }: TapeRecord,
  header: TapeChunkHeader,
): Promise<TapeProgress> {
  let next = heardOf(progress, header)
  if (header.index !== progress.contiguousChunks) return next
  next = advanced(next, header)
  if (chunkCount === progress.contiguousChunks) return next
  for (;;) {
    const wanted = next.contiguousChunks
    const later = await store.chunksFrom(tapeId, wanted, TAPE_CHUNK_PAGE_COUNT)
    for (const chunk of later) if (chunk.header.index === next.contiguousChunks) next = advanced(next, chunk.header)
    if (next.contiguousChunks < wanted + TAPE_CHUNK_PAGE_COUNT) return next
  }
}
