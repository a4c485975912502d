import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { ExportFormat } from '../../../sfu-core/contract/render.ts'

/** In a take's folder. */
export const EXPORTS_FOLDER = 'exports'

/** AAC lies in MPEG-4 and Opus in Ogg: what players and phones open by their names. */
const EXTENSIONS: Record<ExportFormat, string> = { flac: 'flac', wav: 'wav', opus: 'opus', mp3: 'mp3', aac: 'm4a' }
const NAME_MAX_CHARS = 80
/** What Windows keeps for its devices, whatever the extension. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i

/** A file for a mix that is not there yet: "Veranda talk.mp3", then "Veranda talk 2.mp3". */
export function exportFile(takeFolder: string, title: string, format: ExportFormat): Promise<string> {
  return firstFree((count) => path.join(takeFolder, EXPORTS_FOLDER, `${numbered(title, count)}.${EXTENSIONS[format]}`))
}

/** A folder for one file per speaker that is not there yet: "Veranda talk", then "Veranda talk 2". */
export function exportFolder(takeFolder: string, title: string): Promise<string> {
  return firstFree((count) => path.join(takeFolder, EXPORTS_FOLDER, numbered(title, count)))
}

function numbered(title: string, count: number): string {
  return count === 1 ? safeTitle(title) : `${safeTitle(title)} ${count}`
}

/** The title with nothing in it that a path or a file system trips over. Pure. */
export function safeTitle(title: string): string {
  const plain = title
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M}_ -]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[^\p{L}\p{N}]+/u, '')
  const short = [...plain].slice(0, NAME_MAX_CHARS).join('').trim()
  return short === '' || RESERVED.test(short) ? 'Engawa' : short
}

async function firstFree(nameOf: (count: number) => string): Promise<string> {
  for (let count = 1; ; count++) {
    const name = nameOf(count)
    const found = await stat(name).catch(() => null)
    if (found === null) return name
  }
}
