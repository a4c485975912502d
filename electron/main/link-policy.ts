import { isOwnPage, parseUrl } from './own-page.ts'

/** What happens when the page wants to go somewhere. */
export type LinkVerdict = 'stay' | 'download' | 'browser' | 'refuse'

const ADDRESS_MAX_CHARS = 4_000
const DOWNLOAD_PATH = '/api/takes/'

/**
 * Our own page may be gone to; a recording of our server is downloaded; other web addresses open in the person's
 * browser; all else (file:, javascript:, data:, other programs' schemes, addresses with a password) is refused.
 * @param serverUrl origin of the configured server
 */
export function linkVerdict(address: string, serverUrl: string): LinkVerdict {
  if (address.length > ADDRESS_MAX_CHARS) return 'refuse'
  if (isOwnPage(address)) return 'stay'
  const url = parseUrl(address)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'refuse'
  if (url.username !== '' || url.password !== '') return 'refuse'
  if (url.origin === serverUrl && url.pathname.startsWith(DOWNLOAD_PATH)) return 'download'
  return 'browser'
}
