import { contextBridge, ipcRenderer } from 'electron'
import { DESKTOP_BRIDGE_KEY, type DesktopBridge, type HostingStatus } from '../contract/bridge.ts'
import { IPC } from '../contract/ipc.ts'

/** Put in at build time from package.json (build/vite.preload.config.ts). */
declare const __APP_VERSION__: string

const bridge: DesktopBridge = {
  appVersion: __APP_VERSION__,
  platform: process.platform as DesktopBridge['platform'],
  serverUrl: () => ipcRenderer.invoke(IPC.serverUrl),
  hosting: {
    start: (request) => ipcRenderer.invoke(IPC.hostingStart, request),
    stop: () => ipcRenderer.invoke(IPC.hostingStop),
    status: () => ipcRenderer.invoke(IPC.hostingStatus),
    onStatus: (listener) => {
      // The event itself stays here: through it the page could reach ipcRenderer.
      const pass = (_event: unknown, status: HostingStatus) => listener(status)
      ipcRenderer.on(IPC.hostingStatusChanged, pass)
      return () => {
        ipcRenderer.off(IPC.hostingStatusChanged, pass)
      }
    },
  },
  openTakeFolder: (takeId) => ipcRenderer.invoke(IPC.openTakeFolder, takeId),
}

contextBridge.exposeInMainWorld(DESKTOP_BRIDGE_KEY, bridge)
