import { createReadStream } from 'node:fs'
import { crc32 } from 'node:zlib'
import { Refusal } from '../../sfu-core/contract/reasons.ts'

/**
 * A ZIP archive of files as they are (method 0: sound is compressed already), streamed.
 * APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end).
 */

export interface ZipEntry {
  name: string
  path: string
  /** Only so much is read: a file that grows meanwhile does no harm. */
  sizeBytes: number
  modifiedAtMs: number
}

const LOCAL_SIGNATURE = 0x0403_4b50
const CENTRAL_SIGNATURE = 0x0201_4b50
const END_SIGNATURE = 0x0605_4b50
const VERSION = 20
/** General purpose flag, bit 11: names are UTF-8. */
const UTF8_FLAG = 0x0800
const LOCAL_BYTES = 30
const CENTRAL_BYTES = 46
const END_BYTES = 22
/** Beyond it ZIP64 is needed. */
const ZIP_MAX_BYTES = 0xffff_fffe
const ZIP_MAX_ENTRIES = 0xfffe

/** The archive's whole length. @throws Refusal `message-too-large` beyond 4 GiB. */
export function zipSizeBytes(entries: ZipEntry[]): number {
  const size = entries.reduce(
    (sum, { name, sizeBytes }) => sum + LOCAL_BYTES + CENTRAL_BYTES + 2 * Buffer.byteLength(name) + sizeBytes,
    END_BYTES,
  )
  if (size <= ZIP_MAX_BYTES && entries.length <= ZIP_MAX_ENTRIES) return size
  throw new Refusal('message-too-large', 'The take is larger than an archive may be: download its files one by one.')
}

/** The archive, piece by piece. Each file is read twice: its checksum stands before it. */
export async function* zip(entries: ZipEntry[]): AsyncGenerator<Buffer> {
  const central: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const facts = { entry, name: Buffer.from(entry.name), checksum: await checksumOf(entry), offset }
    const header = localHeader(facts)
    yield header
    yield* contentOf(entry)
    central.push(centralHeader(facts))
    offset += header.length + entry.sizeBytes
  }
  const directory = Buffer.concat(central)
  yield directory
  yield endRecord(entries.length, directory.length, offset)
}

interface EntryFacts {
  entry: ZipEntry
  name: Buffer
  checksum: number
  offset: number
}

async function* contentOf({ path, sizeBytes }: ZipEntry): AsyncGenerator<Buffer> {
  if (sizeBytes === 0) return
  for await (const part of createReadStream(path, { end: sizeBytes - 1 })) yield part as Buffer
}

async function checksumOf(entry: ZipEntry): Promise<number> {
  let value = 0
  for await (const part of contentOf(entry)) value = crc32(part, value)
  return value
}

function localHeader({ entry, name, checksum }: EntryFacts): Buffer {
  const header = Buffer.alloc(LOCAL_BYTES)
  header.writeUInt32LE(LOCAL_SIGNATURE, 0)
  writeCommon(header, 4, { entry, name, checksum })
  return Buffer.concat([header, name])
}

function centralHeader({ entry, name, checksum, offset }: EntryFacts): Buffer {
  const header = Buffer.alloc(CENTRAL_BYTES)
  header.writeUInt32LE(CENTRAL_SIGNATURE, 0)
  header.writeUInt16LE(VERSION, 4)
  writeCommon(header, 6, { entry, name, checksum })
  header.writeUInt32LE(offset, 42)
  return Buffer.concat([header, name])
}

/** The fields that both headers have, from "version needed" to the lengths of name and extra field. */
function writeCommon(header: Buffer, at: number, { entry, name, checksum }: Omit<EntryFacts, 'offset'>): void {
  const { date, time } = dosTime(entry.modifiedAtMs)
  header.writeUInt16LE(VERSION, at)
  header.writeUInt16LE(UTF8_FLAG, at + 2)
  header.writeUInt16LE(0, at + 4)
  header.writeUInt16LE(time, at + 6)
  header.writeUInt16LE(date, at + 8)
  header.writeUInt32LE(checksum, at + 10)
  header.writeUInt32LE(entry.sizeBytes, at + 14)
  header.writeUInt32LE(entry.sizeBytes, at + 18)
  header.writeUInt16LE(name.length, at + 22)
}

function endRecord(count: number, sizeBytes: number, offset: number): Buffer {
  const record = Buffer.alloc(END_BYTES)
  record.writeUInt32LE(END_SIGNATURE, 0)
  record.writeUInt16LE(count, 8)
  record.writeUInt16LE(count, 10)
  record.writeUInt32LE(sizeBytes, 12)
  record.writeUInt32LE(offset, 16)
  return record
}

/** MS-DOS date and time, in steps of two seconds, from 1980 on. */
function dosTime(timeMs: number): { date: number; time: number } {
  const at = new Date(timeMs)
  const year = Math.max(0, at.getFullYear() - 1980)
  return {
    date: (year << 9) | ((at.getMonth() + 1) << 5) | at.getDate(),
    time: (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1),
  }
}
