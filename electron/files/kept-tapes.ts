import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import * as z from 'zod'
import { participantIdSchema, tapeIdSchema } from '../../sfu-core/contract/ids.ts'
import { TAKE_MANIFEST_NAME } from '../../sfu-core/contract/take.ts'
import { TAPES_FOLDER } from '../../sfu-core/contract/take-report.ts'
import {
  type TapeChunkHeader,
  tapeChunkHeaderSchema,
  tapeEndSchema,
  tapeSourceSchema,
} from '../../sfu-core/contract/tape.ts'
import { OWNER_ONLY_FOLDER, writeDurably } from './durable-file.ts'

/**
 * The tapes of a take that is kept on this computer: `<take>/tapes/<tapeId>/tape.json` says whose, and each chunk is a FLAC file
 * with its header beside it (`000123.flac`, `000123.json`).
 */

const TAPE_WORDS_NAME = 'tape.json'
const INDEX_DIGITS = 6

export const keptTapeSchema = z.object({
  version: z.literal(1),
  tapeId: tapeIdSchema,
  participantId: participantIdSchema,
  name: z.string(),
  source: tapeSourceSchema,
  channels: z.int(),
  deviceLabel: z.string(),
  end: tapeEndSchema.nullable(),
  declaredSamples: z.int().nullable(),
})
export type KeptTape = z.infer<typeof keptTapeSchema>

/** Null where this computer has no such take: it was recorded elsewhere, or its folder is gone. Ids come parsed. */
export async function keptTakeFolder(
  takesFolder: string,
  { roomId, takeId }: { roomId: string; takeId: string },
): Promise<string | null> {
  const folder = path.join(takesFolder, roomId, takeId)
  const manifest = await stat(path.join(folder, TAKE_MANIFEST_NAME)).catch(() => null)
  return manifest?.isFile() === true ? folder : null
}

/** Writes only what is new. @throws what the disk says */
export async function keepTape(takeFolder: string, tape: KeptTape): Promise<void> {
  const file = path.join(folderOf(takeFolder, tape.tapeId), TAPE_WORDS_NAME)
  const words = Buffer.from(`${JSON.stringify(tape, null, 1)}\n`)
  const before = await readFile(file).catch(() => null)
  if (before?.equals(words) === true) return
  await makeTapeFolder(takeFolder, tape.tapeId)
  await writeDurably(file, words)
}

/** The sound first: a header says that there is some. Both are on the disk itself then. @throws what the disk says */
export async function keepChunk(
  takeFolder: string,
  { tapeId, header, flac }: { tapeId: string; header: TapeChunkHeader; flac: Uint8Array },
): Promise<void> {
  await makeTapeFolder(takeFolder, tapeId)
  await writeDurably(chunkFile(takeFolder, { tapeId, index: header.index, kind: 'flac' }), flac)
  const words = Buffer.from(JSON.stringify(header))
  await writeDurably(chunkFile(takeFolder, { tapeId, index: header.index, kind: 'json' }), words)
}

/** It is here as it should be. */
export async function hasChunk(takeFolder: string, tapeId: string, header: TapeChunkHeader): Promise<boolean> {
  const place = { tapeId, index: header.index }
  const words = await stat(chunkFile(takeFolder, { ...place, kind: 'json' })).catch(() => null)
  const flac = await readFile(chunkFile(takeFolder, { ...place, kind: 'flac' })).catch(() => null)
  return words !== null && flac !== null && sha256Of(flac) === header.sha256
}

export interface KeptTapeWithChunks extends KeptTape {
  /** In order. `file`: absolute. */
  chunks: { header: TapeChunkHeader; file: string }[]
}

/** All tapes of a take; what cannot be read counts as not there. */
export async function keptTapes(takeFolder: string): Promise<KeptTapeWithChunks[]> {
  const entries = await readdir(path.join(takeFolder, TAPES_FOLDER), { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => entry.isDirectory() && tapeIdSchema.safeParse(entry.name).success)
  const tapes = await Promise.all(folders.map(({ name }) => readTape(takeFolder, name)))
  return tapes.filter((tape) => tape !== null)
}

async function readTape(takeFolder: string, tapeId: string): Promise<KeptTapeWithChunks | null> {
  const folder = folderOf(takeFolder, tapeId)
  const tape = await readWords(path.join(folder, TAPE_WORDS_NAME), keptTapeSchema)
  if (tape === null || tape.tapeId !== tapeId) return null
  const names = (await readdir(folder)).filter((name) => /^\d{6,9}\.json$/.test(name))
  const chunks: KeptTapeWithChunks['chunks'] = []
  for (const name of names) {
    const header = await readWords(path.join(folder, name), tapeChunkHeaderSchema)
    if (header !== null)
      chunks.push({ header, file: chunkFile(takeFolder, { tapeId, index: header.index, kind: 'flac' }) })
  }
  return { ...tape, chunks: chunks.sort((a, b) => a.header.index - b.header.index) }
}

async function readWords<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return null
  }
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function makeTapeFolder(takeFolder: string, tapeId: string): Promise<void> {
  await mkdir(folderOf(takeFolder, tapeId), { recursive: true, mode: OWNER_ONLY_FOLDER })
}

function folderOf(takeFolder: string, tapeId: string): string {
  return path.join(takeFolder, TAPES_FOLDER, tapeId)
}

function chunkFile(
  takeFolder: string,
  { tapeId, index, kind }: { tapeId: string; index: number; kind: 'flac' | 'json' },
): string {
  return path.join(folderOf(takeFolder, tapeId), `${String(index).padStart(INDEX_DIGITS, '0')}.${kind}`)
}
