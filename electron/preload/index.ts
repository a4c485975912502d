import { contextBridge, ipcRenderer } from 'electron'
import { DESKTOP_BRIDGE_KEY, type DesktopBridge, type HostingStatus, TAPE_PORT_MESSAGE } from '../contract/bridge.ts'
import { IPC } from '../contract/ipc.ts'
import type { LocalJob } from '../contract/studio.ts'

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
  studio: {
    take: (takeId) => ipcRenderer.invoke(IPC.studioTake, takeId),
    start: (takeId, request) => ipcRenderer.invoke(IPC.studioStart, { takeId, request }),
    cancel: (takeId) => ipcRenderer.invoke(IPC.studioCancel, takeId),
    openExports: (takeId) => ipcRenderer.invoke(IPC.studioOpenExports, takeId),
    onJob: (listener) => {
      const pass = (_event: unknown, job: LocalJob) => listener(job)
      ipcRenderer.on(IPC.studioJobChanged, pass)
      return () => {
        ipcRenderer.off(IPC.studioJobChanged, pass)
      }
    },
  },
  openTakeFolder: (takeId) => ipcRenderer.invoke(IPC.openTakeFolder, takeId),
}

/** The page's tape worker speaks with main's files: the page sends its port to itself, and from here it goes on. */
window.addEventListener('message', ({ source, data, ports }) => {
  if (source === window && data === TAPE_PORT_MESSAGE) ipcRenderer.postMessage(IPC.tapePort, null, [...ports])
})

contextBridge.exposeInMainWorld(DESKTOP_BRIDGE_KEY, bridge)
