import { TAPE_SAMPLE_RATE_HZ, type TapeChunkHeader } from '../../../sfu-core/contract/tape.ts'
import { decodeFlac } from './flac-decode.ts'
import { FlacStream } from './flac-stream.ts'
import { chunksWith, type TapeFiles } from './tape-files.ts'
import { type Sink, ZipWriter } from './zip-writer.ts'

/** What is still here of a tape, as a ZIP into `file`; where there is none, as a Blob. Reads and writes chunk by chunk. */
export async function saveTape(files: TapeFiles, file: FileSystemFileHandle | null): Promise<Blob | null> {
  if (file === null) {
    const pieces: Uint8Array<ArrayBuffer>[] = []
    await writeTape(files, async (bytes) => void pieces.push(bytes))
    return new Blob(pieces, { type: 'application/zip' })
  }
  const writable = await file.createWritable()
  try {
    await writeTape(files, (bytes) => writable.write(bytes))
    await writable.close()
  } catch (error) {
    await writable.abort().catch(() => undefined)
    throw error
  }
  return null
}

/**
 * A FLAC file for each stretch without a hole (chunks that the server already has are not here any more), named by its place in the
 * tape, and tape.json with what is needed to lay it on the take's clock: the beginning, and the chunks' headers.
 */
export async function writeTape(files: TapeFiles, sink: Sink): Promise<void> {
  const beginning = await files.beginning()
  if (beginning === null) throw new Error('there is no such tape')
  const { opening, roomTitle, startedAtMs } = beginning
  const zip = new ZipWriter(sink, new Date(startedAtMs))
  const headers = await headersHere(files)
  const saved: TapeChunkHeader[] = []
  for (const stretch of stretchesOf(headers)) {
    await zip.file(nameOf(stretch), async (give) => {
      saved.push(...(await writeStretch(files, { stretch, channels: opening.channels, give })))
    })
  }
  // The seat and the token are rights, not facts: they stay here.
  const words = JSON.stringify(
    { version: 1, opening, roomTitle, startedAtMs, chunks: saved, end: await files.end() },
    null,
    1,
  )
  await zip.file('tape.json', (give) => give(new TextEncoder().encode(words)))
  await zip.end()
}

async function headersHere(files: TapeFiles): Promise<TapeChunkHeader[]> {
  const headers: TapeChunkHeader[] = []
  for (const index of chunksWith('flac', await files.list())) {
    const header = await files.header(index)
    if (header !== null) headers.push(header)
  }
  return headers
}

function stretchesOf(headers: readonly TapeChunkHeader[]): TapeChunkHeader[][] {
  const stretches: TapeChunkHeader[][] = []
  let next = -1
  for (const header of headers) {
    if (header.firstSample === next) stretches.at(-1)?.push(header)
    else stretches.push([header])
    next = header.firstSample + header.sampleCount
  }
  return stretches
}

/** Answers with what was written: a chunk that was sent meanwhile is gone, and the stretch ends before it. */
async function writeStretch(
  files: TapeFiles,
  { stretch, channels, give }: { stretch: readonly TapeChunkHeader[]; channels: number; give: Sink },
): Promise<TapeChunkHeader[]> {
  const written: TapeChunkHeader[] = []
  const stream = await FlacStream.open(
    channels,
    stretch.reduce((sum, { sampleCount }) => sum + sampleCount, 0),
  )
  try {
    for (const header of stretch) {
      const flac = await files.flac(header.index)
      if (flac === null) break
      stream.write(await decodeFlac(flac, channels))
      await give(stream.taken())
      written.push(header)
    }
    stream.end()
    await give(stream.taken())
  } finally {
    stream.close()
  }
  return written
}

/** `from-00-12-40.flac`: where it begins in the tape. */
function nameOf(stretch: readonly TapeChunkHeader[]): string {
  const seconds = Math.floor((stretch[0]?.firstSample ?? 0) / TAPE_SAMPLE_RATE_HZ)
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  return `from-${parts.map((part) => String(part).padStart(2, '0')).join('-')}.flac`
}
