import path from 'node:path'

/** Which file of the built page answers an address, and as what. Pure. */
export interface WebFile {
  /** Path in the web folder, with `/`. */
  file: string
  contentType: string
  /** Its name carries a hash of its content. */
  immutable: boolean
}

const INDEX = 'index.html'
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wav': 'audio/wav',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
  '.mp3': 'audio/mpeg',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
}

/**
 * The page's own addresses (no file extension) all get index.html. null: not an address of the page.
 * @param pathname as in a URL, percent-encoded
 */
export function webFileFor(pathname: string): WebFile | null {
  const decoded = decode(pathname)
  if (decoded === null || decoded.includes('\0') || decoded.includes('\\')) return null
  const segments = decoded.split('/').filter((segment) => segment !== '')
  if (segments.some((segment) => segment === '..' || segment.startsWith('.'))) return null
  const last = segments.at(-1) ?? ''
  const extension = path.posix.extname(last).toLowerCase()
  if (extension === '') return { file: INDEX, contentType: typeOf(INDEX), immutable: false }
  return { file: segments.join('/'), contentType: typeOf(last), immutable: segments[0] === 'assets' }
}

function decode(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return null
  }
}

function typeOf(file: string): string {
  return CONTENT_TYPES[path.posix.extname(file).toLowerCase()] ?? 'application/octet-stream'
}
