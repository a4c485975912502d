import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { protocol } from 'electron'
import type { DesktopConfig } from './config.ts'
import { isOwnPage, OWN_SCHEME } from './own-page.ts'
import { pageHeaders } from './page-headers.ts'
import { type WebFile, webFileFor } from './web-files.ts'

const NOT_BUILT =
  '<!doctype html><meta charset="utf-8"><title>Engawa</title><p>The page has not been built: run npm start.</p>'

/** Before the app is ready: gives our scheme the standing of https (microphone, fetch, storage). */
export function declarePageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: OWN_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: true, stream: true },
    },
  ])
}

/** Once the app is ready: answers app://engawa from the built page. */
export function servePage(config: Pick<DesktopConfig, 'webFolder' | 'serverUrl'>): void {
  const headers = pageHeaders(config.serverUrl)
  protocol.handle(OWN_SCHEME, async (request) => {
    const file = isOwnPage(request.url) ? webFileFor(new URL(request.url).pathname) : null
    if (file === null) return new Response('Not found', { status: 404, headers })
    if (request.method !== 'GET' && request.method !== 'HEAD') return new Response(null, { status: 405, headers })
    return answer(config.webFolder, file, headers)
  })
}

async function answer(webFolder: string, file: WebFile, headers: Record<string, string>): Promise<Response> {
  try {
    const body = await readFile(path.join(webFolder, file.file))
    const cacheControl = file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache'
    return new Response(new Uint8Array(body), {
      headers: { ...headers, 'content-type': file.contentType, 'cache-control': cacheControl },
    })
  } catch {
    const html = file.contentType.startsWith('text/html')
    return html
      ? new Response(NOT_BUILT, { status: 500, headers: { ...headers, 'content-type': file.contentType } })
      : new Response('Not found', { status: 404, headers })
  }
}
