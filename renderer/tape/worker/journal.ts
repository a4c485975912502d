import * as z from 'zod'
import {
  type CaptureMark,
  type CaptureNote,
  type ClockSync,
  captureMarkSchema,
  captureNoteSchema,
  clockSyncSchema,
} from '../../../sfu-core/contract/tape.ts'
import { crc32 } from './crc32.ts'

/**
 * The file of a chunk that is being captured: records, each with a checksum, so that what a killed page or a power cut left
 * is read as far as it is whole.
 *
 * A record: kind (u32), length of the body in bytes (u32), CRC-32 of the body (u32), the body. All little-endian.
 */
const HEAD_BYTES = 12
const SAMPLES = 1
const WORDS = 2

const wordsSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('chunk'),
    index: z.int().min(0),
    firstSample: z.int().min(0),
    channels: z.int().min(1).max(2),
  }),
  z.object({ type: z.literal('mark'), mark: captureMarkSchema }),
  z.object({ type: z.literal('sync'), sync: clockSyncSchema }),
  z.object({ type: z.literal('note'), note: captureNoteSchema }),
])
/** All but samples. The first of a journal is `chunk`. */
export type JournalWords = z.infer<typeof wordsSchema>

/** `samples`: interleaved. */
export function samplesRecord(samples: Int32Array): Uint8Array<ArrayBuffer> {
  return record(SAMPLES, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
}

export function wordsRecord(words: JournalWords): Uint8Array<ArrayBuffer> {
  return record(WORDS, new TextEncoder().encode(JSON.stringify(words)))
}

function record(kind: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEAD_BYTES + body.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, kind, true)
  view.setUint32(4, body.length, true)
  view.setUint32(8, crc32(body), true)
  bytes.set(body, HEAD_BYTES)
  return bytes
}

/** What a journal holds. */
export interface JournalContent {
  readonly index: number
  readonly firstSample: number
  readonly channels: number
  /** Interleaved. */
  readonly samples: Int32Array<ArrayBuffer>
  readonly marks: CaptureMark[]
  readonly syncs: ClockSync[]
  readonly notes: CaptureNote[]
}

/** Reads a journal up to its first record that is not whole. Null where not even the first one is. */
export function readJournal(bytes: Uint8Array): JournalContent | null {
  const pieces: Uint8Array[] = []
  const marks: CaptureMark[] = []
  const syncs: ClockSync[] = []
  const notes: CaptureNote[] = []
  let chunk: Extract<JournalWords, { type: 'chunk' }> | null = null
  for (const { kind, body } of wholeRecords(bytes)) {
    if (kind === SAMPLES) {
      pieces.push(body)
      continue
    }
    const words = wordsOf(body)
    if (words?.type === 'chunk') chunk ??= words
    else if (words?.type === 'mark') marks.push(words.mark)
    else if (words?.type === 'sync') syncs.push(words.sync)
    else if (words?.type === 'note') notes.push(words.note)
  }
  if (chunk === null) return null
  const { index, firstSample, channels } = chunk
  return { index, firstSample, channels, samples: joined(pieces), marks, syncs, notes }
}

function* wholeRecords(bytes: Uint8Array): Generator<{ kind: number; body: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  while (at + HEAD_BYTES <= bytes.length) {
    const kind = view.getUint32(at, true)
    const lengthBytes = view.getUint32(at + 4, true)
    const body = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + lengthBytes)
    if (body.length < lengthBytes || (kind !== SAMPLES && kind !== WORDS)) return
    if (crc32(body) !== view.getUint32(at + 8, true)) return
    yield { kind, body }
    at += HEAD_BYTES + lengthBytes
  }
}

function wordsOf(body: Uint8Array): JournalWords | null {
  try {
    return wordsSchema.parse(JSON.parse(new TextDecoder().decode(body)))
  } catch {
    return null
  }
}

function joined(pieces: readonly Uint8Array[]): Int32Array<ArrayBuffer> {
  const lengthBytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const all = new Uint8Array(lengthBytes)
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return new Int32Array(all.buffer)
}
