import type { LocalStudioBridge } from './studio.ts'

/**
 * What the page may ask of the desktop: `window.engawaDesktop`, put there by the preload script. Absent
 * in a browser. Every call is checked again in the main process; nothing here gives the page Node.
 */
export interface DesktopBridge {
  readonly appVersion: string
  readonly platform: 'linux' | 'darwin' | 'win32'
  /** The server that this window talks to, e.g. `http://127.0.0.1:8420`. */
  serverUrl(): Promise<string>
  readonly hosting: HostingBridge
  readonly studio: LocalStudioBridge
  /** Opens the folder of a take that was recorded on this computer in the file manager. False: it is not here. */
  openTakeFolder(takeId: string): Promise<boolean>
}

export interface HostingBridge {
  /**
   * Starts the SFU in its own process and registers it with the server. Resolves when it is registered;
   * a second call with the same server returns the running one.
   */
  start(request: HostingRequest): Promise<HostingStatus>
  stop(): Promise<void>
  status(): Promise<HostingStatus>
  /** Returns the end of the subscription. */
  onStatus(listener: (status: HostingStatus) => void): () => void
}

export interface HostingRequest {
  serverUrl: string
  /** From `nodes.enroll`: permission to register as this account's node. */
  nodeToken: string
}

export type HostingStatus =
  | { state: 'off' }
  | { state: 'starting' }
  /** `rooms`: how many are open on this computer now. */
  | { state: 'hosting'; nodeId: string; pid: number; startedAtMs: number; rooms: number }
  /** The process died; it is started again and its rooms come back. `nodeId` null: it never came so far as to have any. */
  | { state: 'restarting'; crashes: number; nodeId: string | null; rooms: number }
  | { state: 'failed'; detail: string }

/** Rooms that run on this computer, or come back to it after a crash. */
export function roomsHere(status: HostingStatus): number {
  return status.state === 'hosting' || status.state === 'restarting' ? status.rooms : 0
}

export const DESKTOP_BRIDGE_KEY = 'engawaDesktop'
/** The page posts this to itself with one end of a port for contract/tapes.ts; the preload script passes it on to main. */
export const TAPE_PORT_MESSAGE = 'engawa:tape-port'
/** The origin of the page in the desktop app. */
export const DESKTOP_ORIGIN = 'app://engawa'
