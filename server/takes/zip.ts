import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'

/** One file to put in. */
export interface ZipEntry {
  name: string
  path: string
  /** Only so much is read: a file that grows meanwhile does no harm. */
  sizeBytes: number
  modifiedAtMs: number
}

export interface ZipArchive {
  /** Fails when a file cannot be read or has become shorter. Destroying it ends all reading. */
  content: Readable
  /** Of the whole archive. */
  sizeBytes: number
}

/**
 * yazl 3.3.1 tells a length 76 bytes too large when the directory at the end has 64 KiB or more and ZIP64 is not
 * forced (calculateTotalSize compares with 0xffff, getEndOfCentralDirectoryRecord with 0xffffffff). An entry there
 * has at most 83 bytes and a name (take-files.ts: 120 letters of up to 4 bytes): fewer files than this stay below.
 */
const ZIP64_FROM_ENTRIES = 100

/** A ZIP archive of files as they are (sound is compressed already), read while it is sent; ZIP64 where it is needed. */
export function zip(entries: ZipEntry[]): ZipArchive {
  const archive = new ZipFile()
  const content = outputOf(archive)
  archive.on('error', (error: Error) => content.destroy(error))
  for (const entry of entries) {
    const facts = { size: entry.sizeBytes, mtime: new Date(entry.modifiedAtMs), compress: false }
    archive.addReadStreamLazy(entry.name, facts, (done) => {
      if (!content.destroyed) done(null, endingWith(content, contentOf(entry)))
    })
  }
  return { content, sizeBytes: finish(archive, entries.length >= ZIP64_FROM_ENTRIES) }
}

/** Always a PassThrough, says yazl; its types say less. */
function outputOf({ outputStream }: ZipFile): Readable {
  if (outputStream instanceof Readable) return outputStream
  throw new TypeError("yazl's output is not a stream of Node")
}

/** Told at once, because all sizes are known and nothing is compressed. */
function finish(archive: ZipFile, forceZip64Format: boolean): number {
  let sizeBytes = -1
  const onSize = (size: number) => {
    sizeBytes = size
  }
  // The types forget the parameter.
  archive.end({ forceZip64Format, comment: '' }, onSize as () => void)
  if (sizeBytes < 0) throw new Error('the length of the archive is not known')
  return sizeBytes
}

function contentOf({ path, sizeBytes }: ZipEntry): Readable {
  return sizeBytes === 0 ? Readable.from([]) : createReadStream(path, { end: sizeBytes - 1 })
}

/** The file is closed with the archive, and what fails in it fails there. */
function endingWith(content: Readable, file: Readable): Readable {
  const close = () => file.destroy()
  content.once('close', close)
  file.once('error', (error) => content.destroy(error))
  file.once('close', () => content.off('close', close))
  return file
}
