import { app, dialog, session } from 'electron'
import { IPC } from '../contract/ipc.ts'
import type { LocalJob } from '../contract/studio.ts'
import { stayAwakeWhileHosting } from './awake.ts'
import { type DesktopConfig, logFileIn, readConfig, userDataFolderFrom } from './config.ts'
import { guardWebContents } from './guards.ts'
import { mendTakes, startHostingProcess } from './hosting-process.ts'
import { answerPage } from './ipc.ts'
import { type Log, openLog } from './log.ts'
import { setMenu } from './menu.ts'
import { hasOpenTakes } from './open-takes.ts'
import { declarePageScheme, servePage } from './page-protocol.ts'
import { guardPermissions } from './permissions.ts'
import { manageQuit } from './quit.ts'
import { LocalStudio, type LocalStudioOptions } from './studio/local-studio.ts'
import { startStudioProcess } from './studio/studio-process.ts'
import { SfuSupervisor } from './supervisor/supervisor.ts'
import { TapeFolder } from './tapes/tape-folder.ts'
import { textsFor } from './texts.ts'
import { openWindow, showWindow } from './window.ts'

const PRIVATE_UMASK = 0o077

/** The desktop app's main process: puts the parts together. No part knows this file. */

/** Electron's own answer to an uncaught error is a dialog that waits for a person; here it is a line and an end. */
function dieOf(kind: string, error: unknown, log: Log): void {
  log(`${kind}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  app.exit(1)
}

/**
 * Says in a window and on stderr why the app does not open, then ends it. The window needs Electron to be ready
 * (on Linux there is none before); without a screen Electron ends by itself before that. `showErrorBox` would block
 * the process: Ctrl-C of `npm start` could not end it.
 */
async function refuseToOpen(error: unknown, log: Log): Promise<void> {
  const sentence = error instanceof Error ? error.message : String(error)
  log(`desktop: does not open: ${sentence}`)
  process.stderr.write(`${sentence}\n`)
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => app.exit(1))
  await app.whenReady()
  await dialog.showMessageBox({ type: 'error', title: 'Engawa', message: sentence })
  app.exit(1)
}

const clock = {
  nowMs: Date.now,
  after: (delayMs: number, call: () => void) => {
    const timer = setTimeout(call, delayMs)
    return () => clearTimeout(timer)
  },
}

function openStudio(config: DesktopConfig, log: Log, onJob: (job: LocalJob) => void): LocalStudio {
  const { takesFolder, studioHostFile: file } = config
  const startProcess: LocalStudioOptions['startProcess'] = (task, events) =>
    startStudioProcess({ file, task, events, log })
  return new LocalStudio({ ...clock, takesFolder, startProcess, onJob, log })
}

function superviseHosting(config: DesktopConfig, log: Log): SfuSupervisor {
  return new SfuSupervisor({
    log,
    clock,
    spawn: (request, events) => startHostingProcess({ config, request, events, log }),
  })
}

/** Never rejects. */
async function mendWhereNeeded(config: DesktopConfig, log: Log): Promise<void> {
  if (await hasOpenTakes(config.takesFolder)) await mendTakes({ config, log })
}

function run(config: DesktopConfig, log: Log): void {
  log(`desktop: version ${app.getVersion()}, Electron ${process.versions.electron}, server ${config.serverUrl}`)
  const texts = textsFor(app.getLocale())
  const supervisor = superviseHosting(config, log)
  const tapes = new TapeFolder(config.tapesFolder)
  guardPermissions(session.defaultSession, log)
  guardWebContents(config.serverUrl, log)
  servePage(config)
  const studio = openStudio(config, log, (job) => tellPage(IPC.studioJobChanged, job))
  answerPage({ config, supervisor, tapes, studio, takesMended: mendWhereNeeded(config, log), log })
  stayAwakeWhileHosting(supervisor)
  setMenu(texts, config.devTools)
  const window = openWindow(config, log)
  const tellPage = (channel: string, news: object) => {
    if (!window.isDestroyed()) window.webContents.send(channel, news)
  }
  supervisor.onStatus((status) => tellPage(IPC.hostingStatusChanged, status))
  const quitting = manageQuit({ supervisor, tapes, studio, texts, log, window })
  const show = () => {
    quitting.stay()
    showWindow(window)
  }
  app.on('second-instance', show)
  app.on('activate', show)
}

function main(): void {
  // Recordings, logs and the session belong to this person alone.
  process.umask(PRIVATE_UMASK)
  const userDataFolder = userDataFolderFrom(process.env)
  if (userDataFolder !== undefined) app.setPath('userData', userDataFolder)
  const places = { appFolder: app.getAppPath(), userDataFolder: app.getPath('userData'), packaged: app.isPackaged }
  const log = openLog(logFileIn(places.userDataFolder))
  process.on('uncaughtException', (error) => dieOf('uncaught error', error, log))
  process.on('unhandledRejection', (error) => dieOf('unhandled rejection', error, log))
  // The other instance shows its window; this one has nothing to do.
  if (!app.requestSingleInstanceLock()) {
    log('desktop: already open, its window comes to the front')
    app.exit(0)
    return
  }
  let config: DesktopConfig
  try {
    config = readConfig(process.env, places)
  } catch (error) {
    void refuseToOpen(error, log)
    return
  }
  app.setAppUserModelId('io.github.engawa.desktop')
  declarePageScheme()
  void app.whenReady().then(() => run(config, log))
}

main()
