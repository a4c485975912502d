import { DESKTOP_ORIGIN } from '../electron/contract/bridge.ts'

/** Of a request: what decides whether its Origin may call us. */
export interface OriginFacts {
  origin: string | undefined
  /** Host and port that the request was sent to, by the rules of ENGAWA_TRUST_PROXY. */
  host: string
}

/**
 * Whether a page of that origin may use the API: our own page under whatever name this machine was reached
 * (localhost, LAN address, public name), and the desktop app. No Origin: not a browser (nodes, curl), which
 * carries no cookies of somebody else.
 */
export function mayCall({ origin, host }: OriginFacts, publicUrl: string | null): boolean {
  if (origin === undefined || origin === DESKTOP_ORIGIN) return true
  return origin === publicUrl || hostOf(origin) === host.toLowerCase()
}

/** The origins that better-auth trusts for a request. */
export function trustedOrigins(host: string, publicUrl: string | null): string[] {
  const own = [`http://${host}`, `https://${host}`]
  return publicUrl === null ? [...own, DESKTOP_ORIGIN] : [...own, publicUrl, DESKTOP_ORIGIN]
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host.toLowerCase()
  } catch {
    return null
  }
}
