import { DESKTOP_BRIDGE_KEY, type DesktopBridge } from '../../electron/contract/bridge.ts'

declare global {
  interface Window {
    [DESKTOP_BRIDGE_KEY]?: DesktopBridge
  }
}

/** The desktop app around this page; null in a browser. */
export function desktopBridge(): DesktopBridge | null {
  return window[DESKTOP_BRIDGE_KEY] ?? null
}
