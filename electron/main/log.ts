import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'

/** A log file is put aside at this size; one earlier file is kept: 2 MB of words at most. */
export const LOG_MAX_BYTES = 1024 * 1024
/** A line longer than this is cut: a page must not fill the disk through its errors. */
export const LOG_LINE_MAX_CHARS = 4_000

export type Log = (line: string) => void

/** Writes lines with a time to stdout and to a file that is put aside as `.old` when it is full. Never throws. */
export function openLog(file: string, nowMs: () => number = Date.now): Log {
  let sizeBytes = begin(file)
  // A terminal that was closed makes later writes fail, and not by an exception.
  process.stdout.on('error', () => {})
  return (text) => {
    const line = `${new Date(nowMs()).toISOString()} ${text.replaceAll('\n', '\n  ').slice(0, LOG_LINE_MAX_CHARS)}\n`
    tryTo(() => process.stdout.write(line))
    tryTo(() => {
      if (sizeBytes > LOG_MAX_BYTES) {
        renameSync(file, `${file}.old`)
        sizeBytes = 0
      }
      appendFileSync(file, line)
      sizeBytes += Buffer.byteLength(line)
    })
  }
}

function begin(file: string): number {
  let sizeBytes = 0
  tryTo(() => mkdirSync(path.dirname(file), { recursive: true }))
  tryTo(() => {
    sizeBytes = statSync(file).size
  })
  return sizeBytes
}

/** The log must not bring down what it tells about (full disk, closed terminal). */
function tryTo(write: () => void): void {
  try {
    write()
  } catch {
    // Nobody is left to be told.
  }
}
