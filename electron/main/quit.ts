import { app, type BrowserWindow, dialog, type MessageBoxOptions } from 'electron'
import { DESKTOP_ORIGIN, roomsHere } from '../contract/bridge.ts'
import type { Log } from './log.ts'
import type { LocalStudio } from './studio/local-studio.ts'
import type { SfuSupervisor } from './supervisor/supervisor.ts'
import type { TapeFolder, UnsentTapes } from './tapes/tape-folder.ts'
import type { Texts } from './texts.ts'

export interface QuitOptions {
  supervisor: SfuSupervisor
  tapes: Pick<TapeFolder, 'unsent'>
  studio: Pick<LocalStudio, 'close'>
  window: BrowserWindow
  texts: Texts
  log: Log
}

export interface Quitting {
  /** The window is wanted again while tapes are sent in the background: the app stays. */
  stay(): void
}

/** `sending`: the window is hidden, and the app ends when all tapes are sent. */
type Phase = 'running' | 'asking' | 'sending' | 'ending' | 'ended'

/** How often it is looked whether tapes are still here. */
const SENDING_LOOK_MS = 1_000

/**
 * Ends the app: a person who hosts a room, or whose recordings are not sent yet, is asked first; a signal asks nobody. The hosting
 * process ends before the app does, in bounded time (supervisor/limits.ts).
 */
export function manageQuit(options: QuitOptions): Quitting {
  const { supervisor, window, log } = options
  let phase: Phase = 'running'

  const end = async (why: string) => {
    if (phase === 'ending' || phase === 'ended') return
    phase = 'ending'
    log(`quit: ${why}`)
    options.studio.close()
    await supervisor.stop()
    phase = 'ended'
    app.quit()
  }

  const sendFirst = async () => {
    phase = 'sending'
    log('quit: once all recordings are sent')
    leaveRoomInBackground(options)
    await supervisor.stop()
    const look = async () => {
      if (phase !== 'sending') return
      if ((await options.tapes.unsent()).count === 0) return end('all recordings are sent')
      setTimeout(() => void look(), SENDING_LOOK_MS)
    }
    await look()
  }

  const askThenEnd = async () => {
    phase = 'asking'
    switch (await wishOf(options)) {
      case 'quit':
        return end('asked to')
      case 'send-first':
        return sendFirst()
      case 'stay':
        phase = 'running'
    }
  }

  /** Once more while tapes are sent in the background: no question, they are sent at the next start. */
  const mayClose = (): boolean => {
    if (phase === 'ended') return true
    if (phase === 'running') void askThenEnd()
    else if (phase === 'sending') void end('asked to again')
    return false
  }

  app.on('before-quit', (event) => {
    if (!mayClose()) event.preventDefault()
  })
  app.on('window-all-closed', () => app.quit())
  window.on('close', (event) => {
    if (!mayClose()) event.preventDefault()
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(signal))
  return {
    stay: () => {
      if (phase === 'sending') phase = 'running'
    },
  }
}

type Wish = 'quit' | 'send-first' | 'stay'

async function wishOf(options: QuitOptions): Promise<Wish> {
  if (roomsHere(options.supervisor.status()) > 0 && !(await endsHosting(options))) return 'stay'
  const unsent = await options.tapes.unsent().catch(() => null)
  return unsent === null || unsent.count === 0 ? 'quit' : wishForTapes(options, unsent)
}

async function endsHosting({ window, texts }: QuitOptions): Promise<boolean> {
  const response = await ask(window, {
    message: texts.quitWhileHosting,
    detail: texts.quitWhileHostingDetail,
    buttons: [texts.endAndQuit, texts.keepHosting],
    defaultId: 1,
    cancelId: 1,
  })
  return response === 0
}

async function wishForTapes({ window, texts }: QuitOptions, { count, sizeBytes }: UnsentTapes): Promise<Wish> {
  const wishes: Wish[] = ['send-first', 'stay', 'quit']
  const response = await ask(window, {
    message: texts.quitWithTapes(count, sizeOf(sizeBytes)),
    detail: texts.quitWithTapesDetail,
    buttons: [texts.sendThenQuit, texts.cancel, texts.quitNow],
    defaultId: 0,
    cancelId: 1,
  })
  return wishes[response] ?? 'stay'
}

async function ask(window: BrowserWindow, question: MessageBoxOptions): Promise<number> {
  const options = { type: 'question' as const, ...question }
  return (await (window.isDestroyed() ? dialog.showMessageBox(options) : dialog.showMessageBox(window, options)))
    .response
}

/** A window that nobody sees must not listen: the page begins anew, outside of any room, and sends what is left. */
function leaveRoomInBackground({ window, log }: QuitOptions): void {
  if (window.isDestroyed()) return
  window.hide()
  window.loadURL(`${DESKTOP_ORIGIN}/`).catch((error: unknown) => log(`quit: the page did not load: ${String(error)}`))
}

function sizeOf(sizeBytes: number): string {
  return `${Math.max(1, Math.round(sizeBytes / 1e6))} MB`
}
