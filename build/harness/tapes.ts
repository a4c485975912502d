import { readdirSync } from 'node:fs'
import path from 'node:path'
import { Decoder, Demuxer, FilterAPI } from 'node-av/api'
import type { BrowserContext, Page } from 'playwright-core'
import { type TapeChunkHeader, tapeChunkHeaderSchema } from '../../sfu-core/contract/tape.ts'

/** A tape as the server has it on its disk. */
export interface StoredTape {
  tapeId: string
  /** Its chunks, in order of their numbers. */
  files: string[]
}

/** All tapes in a server's data folder. */
export function storedTapes(dataFolder: string): StoredTape[] {
  return readdirSync(dataFolder, { recursive: true, encoding: 'utf8' })
    .filter((entry) => /(^|\/)tapes\/[^/]+$/.test(entry))
    .map((entry) => {
      const folder = path.join(dataFolder, entry)
      const files = readdirSync(folder).filter((name) => name.endsWith('.flac'))
      return { tapeId: path.basename(folder), files: files.sort().map((name) => path.join(folder, name)) }
    })
}

/** The samples of a FLAC file as they are, 24 bit, interleaved. Throws where any part of it does not decode. */
export async function decodeExactly(file: string): Promise<Int32Array> {
  await using demuxer = await Demuxer.open(file)
  const stream = demuxer.audio()
  if (!stream) throw new Error(`${file} has no audio`)
  using decoder = await Decoder.create(stream, { exitOnError: true })
  using filter = FilterAPI.create('aformat=sample_fmts=s32')
  const parts: Int32Array[] = []
  for await (using frame of filter.frames(decoder.frames(demuxer.packets(stream.index)))) {
    const data = frame?.data?.[0]
    if (!frame || !data) continue
    const bytes = data.slice(0, frame.nbSamples * frame.channels * 4)
    // FFmpeg puts 24 bits into the upper part of 32.
    parts.push(new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4).map((sample) => sample >> 8))
  }
  return joined(parts)
}

/** A whole tape: its chunks one after the other. */
export async function decodeTape({ files }: StoredTape): Promise<Int32Array> {
  return joined(await Promise.all(files.map(decodeExactly)))
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Notes what a browser sends of its tapes: the header of each chunk, by tape and index. */
export function watchChunks(context: BrowserContext): Map<string, Map<number, TapeChunkHeader>> {
  const seen = new Map<string, Map<number, TapeChunkHeader>>()
  context.on('request', (request) => {
    const [, tapeId] = /\/api\/tapes\/([^/]+)\/chunks\/\d+$/.exec(request.url()) ?? []
    const text = request.headers()['x-engawa-chunk']
    if (tapeId === undefined || text === undefined) return
    const header = tapeChunkHeaderSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
    const chunks = seen.get(tapeId) ?? new Map<number, TapeChunkHeader>()
    seen.set(tapeId, chunks.set(header.index, header))
  })
  return seen
}

/** The tapes that a page's browser still keeps, by their ids. */
export function keptTapes(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    const folder = await root.getDirectoryHandle('engawa-tapes', { create: true })
    const names: string[] = []
    // TypeScript's library for pages does not know of the iterator yet.
    for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name)
    return names
  })
}
