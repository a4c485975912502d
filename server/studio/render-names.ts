import path from 'node:path'
import type { ExportFormat } from '../../sfu-core/contract/render.ts'
import { isSafeName } from '../takes/take-files.ts'

/** AAC lies in MPEG-4 and Opus in Ogg: what players and phones open by their names. */
const EXTENSIONS: Record<ExportFormat, string> = { flac: 'flac', wav: 'wav', opus: 'opus', mp3: 'mp3', aac: 'm4a' }

const CONTENT_TYPES: Record<string, string> = {
  '.flac': 'audio/flac',
  '.wav': 'audio/wav',
  '.opus': 'audio/ogg',
  '.mp3': 'audio/mpeg',
  '.m4a': 'audio/mp4',
  '.zip': 'application/zip',
  '.json': 'application/json; charset=utf-8',
  // RFC 7515 §9.2.1.
  '.jws': 'application/jose',
  '.txt': 'text/plain; charset=utf-8',
}

export const ARCHIVE_EXTENSION = '.zip'

/** By its ending; unknown ones are downloads that no browser looks into. */
export function contentTypeOf(name: string): string {
  return CONTENT_TYPES[path.extname(name).toLowerCase()] ?? 'application/octet-stream'
}

const NAME_MAX_CHARS = 80

/** "Veranda talk.mp3": the title as a file name that is safe everywhere. */
export function renderName(title: string, format: ExportFormat): string {
  return `${fileTitle(title)}.${EXTENSIONS[format]}`
}

/** The title with nothing in it that a path, a header or a file system trips over. */
export function fileTitle(title: string): string {
  const plain = title
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M}_ -]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[^\p{L}\p{N}]+/u, '')
  const short = [...plain].slice(0, NAME_MAX_CHARS).join('').trim()
  return isSafeName(short) ? short : 'Engawa'
}
