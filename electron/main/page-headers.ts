import { WAVEFORM_STYLE_HASH } from '../../server/contract/page-styles.ts'

/**
 * The page's Content Security Policy: own files only, and connections to the one configured server.
 * @param serverUrl origin of the server
 */
export function contentSecurityPolicy(serverUrl: string): string {
  const server = new URL(serverUrl)
  const webSocket = `${server.protocol === 'https:' ? 'wss' : 'ws'}://${server.host}`
  const directives: Record<string, string> = {
    'default-src': "'none'",
    'script-src': "'self' 'wasm-unsafe-eval'",
    'style-src': `'self' ${WAVEFORM_STYLE_HASH}`,
    'img-src': `'self' data: blob: ${server.origin}`,
    'font-src': "'self'",
    'media-src': `'self' blob: data: ${server.origin}`,
    'connect-src': `'self' ${server.origin} ${webSocket}`,
    'worker-src': "'self'",
    'manifest-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-src': "'none'",
    'frame-ancestors': "'none'",
    'object-src': "'none'",
  }
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')
}

/** Headers of every answer of the page's own scheme. */
export function pageHeaders(serverUrl: string): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy(serverUrl),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy':
      'camera=(), display-capture=(), geolocation=(), usb=(), serial=(), hid=(), midi=(), payment=()',
  }
}
