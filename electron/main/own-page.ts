import { DESKTOP_ORIGIN } from '../contract/bridge.ts'

const OWN = new URL(DESKTOP_ORIGIN)
export const OWN_SCHEME = OWN.protocol.slice(0, -1)

/** Whether an address is of our own page. `URL.origin` is no help: it is `null` for schemes that WHATWG URL does not know. */
export function isOwnPage(address: string | undefined): boolean {
  const url = parseUrl(address)
  return (
    url !== null && url.protocol === OWN.protocol && url.host === OWN.host && url.username === '' && url.port === ''
  )
}

/** `URL.parse` is younger than Electron 33's Node. */
export function parseUrl(address: string | undefined): URL | null {
  return address !== undefined && URL.canParse(address) ? new URL(address) : null
}
