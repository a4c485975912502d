import { BrowserWindow, nativeTheme, screen } from 'electron'
import { DESKTOP_ORIGIN } from '../contract/bridge.ts'
import type { DesktopConfig } from './config.ts'
import type { Log } from './log.ts'
import { readWindowState, saveWindowState } from './window-state.ts'

const DEFAULT_SIZE = { width: 1120, height: 760 }
/** The narrowest that the page is laid out for. */
const MIN_SIZE = { minWidth: 360, minHeight: 480 }
/** Shown until the page has painted, so that nothing flashes. */
const BACKGROUND = { light: '#f8f5ef', dark: '#1a1714' }
/** A page that dies again within this time is left alone: reloading would not mend it. */
const RELOAD_AT_MOST_EVERY_MS = 10_000

/** Opens the one window on the page. */
export function openWindow(config: DesktopConfig, log: Log): BrowserWindow {
  const screens = screen.getAllDisplays().map((display) => display.workArea)
  const { maximized, ...bounds } = readWindowState(config.windowStateFile, screens) ?? {
    ...DEFAULT_SIZE,
    maximized: false,
  }
  const window = new BrowserWindow({
    ...bounds,
    ...MIN_SIZE,
    show: false,
    title: 'Engawa',
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: config.preloadFile,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      devTools: config.devTools,
      spellcheck: false,
      // A room goes on behind other windows: its timers (levels, reconnects) must keep their pace.
      backgroundThrottling: false,
    },
  })
  if (maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () =>
    saveWindowState(config.windowStateFile, { ...window.getNormalBounds(), maximized: window.isMaximized() }),
  )
  watchPage(window, log)
  void window
    .loadURL(`${DESKTOP_ORIGIN}/`)
    .catch((error: unknown) => log(`window: the page did not load: ${String(error)}`))
  return window
}

function watchPage(window: BrowserWindow, log: Log): void {
  const { webContents } = window
  let lastReloadMs = Number.NEGATIVE_INFINITY
  webContents.once('did-finish-load', () => log(`window: loaded ${performance.now().toFixed(0)} ms after the start`))
  webContents.on('unresponsive', () => log('window: the page does not respond'))
  // The page asks before it is left; here the app itself does (quit.ts), and Electron would refuse without a word.
  webContents.on('will-prevent-unload', (event) => event.preventDefault())
  webContents.on('preload-error', (_event, file, error) =>
    log(`window: ${file} failed: ${error.stack ?? error.message}`),
  )
  webContents.on('render-process-gone', (_event, details) => {
    log(`window: the page's process is gone: ${details.reason} (${details.exitCode})`)
    if (details.reason === 'clean-exit' || performance.now() - lastReloadMs < RELOAD_AT_MOST_EVERY_MS) return
    lastReloadMs = performance.now()
    webContents.reload()
  })
}

/** Brings the window to the front, from behind others or from the task bar. */
export function showWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
