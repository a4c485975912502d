import { app, shell, type WebContents } from 'electron'
import { linkVerdict } from './link-policy.ts'
import type { Log } from './log.ts'

/** Every web contents of the app, whatever makes it: it stays on our page, opens no windows, embeds no others. */
export function guardWebContents(serverUrl: string, log: Log): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.on('will-navigate', (event) => {
      if (!followLink(contents, event.url, { serverUrl, log })) event.preventDefault()
    })
    contents.on('will-redirect', (event) => {
      if (linkVerdict(event.url, serverUrl) !== 'stay') event.preventDefault()
    })
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame) event.preventDefault()
    })
    contents.setWindowOpenHandler(({ url }) => {
      followLink(contents, url, { serverUrl, log })
      return { action: 'deny' }
    })
  })
}

/** Does what the policy says. True: the page itself may go there. */
function followLink(contents: WebContents, address: string, context: { serverUrl: string; log: Log }): boolean {
  const verdict = linkVerdict(address, context.serverUrl)
  switch (verdict) {
    case 'stay':
      return true
    case 'download':
      contents.downloadURL(address)
      return false
    case 'browser':
      shell.openExternal(address).catch((error: unknown) => context.log(`links: no browser opened: ${String(error)}`))
      return false
    case 'refuse':
      context.log(`links: refused ${address.slice(0, 200)}`)
      return false
  }
}
