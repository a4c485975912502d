import { type Session, systemPreferences } from 'electron'
import type { Log } from './log.ts'
import { isOwnPage } from './own-page.ts'

/**
 * Allowed to our own page, besides the microphone. Chromium asks for the network ones when a page reaches a server
 * on this computer or in the home network (Local Network Access, Chromium 142); where the page may connect to is
 * the Content Security Policy's to say.
 */
const ALLOWED: ReadonlySet<string> = new Set([
  'speaker-selection',
  'clipboard-sanitized-write',
  'local-network-access',
  'local-network',
  'loopback-network',
])

/** Microphone, choice of speaker and copying of text: for our own page and for nobody else. All else is refused. */
export function guardPermissions(session: Session, log: Log): void {
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin, details) => {
    if (!isOwnPage(requestingOrigin)) return false
    // Chromium asks with `unknown` whether devices may be listed with their names.
    if (permission === 'media') return details.mediaType === 'audio' || details.mediaType === 'unknown'
    return ALLOWED.has(permission)
  })
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    if (!isOwnPage(details.requestingUrl) || !details.isMainFrame) return callback(false)
    if (permission !== 'media') return callback(ALLOWED.has(permission))
    const kinds = 'mediaTypes' in details ? (details.mediaTypes ?? []) : []
    if (kinds.length === 0 || kinds.some((kind) => kind !== 'audio')) {
      log(`permissions: refused ${kinds.join(' and ') || 'media without a kind'}`)
      return callback(false)
    }
    askSystemForMicrophone().then(callback, () => callback(false))
  })
  session.setDevicePermissionHandler(() => false)
}

/** macOS asks the person itself, once; elsewhere the system has no say here. */
async function askSystemForMicrophone(): Promise<boolean> {
  return process.platform === 'darwin' ? systemPreferences.askForMediaAccess('microphone') : true
}
