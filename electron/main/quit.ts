import { app, type BrowserWindow, dialog } from 'electron'
import { roomsHere } from '../contract/bridge.ts'
import type { Log } from './log.ts'
import type { SfuSupervisor } from './supervisor/supervisor.ts'
import type { Texts } from './texts.ts'

export interface QuitOptions {
  supervisor: SfuSupervisor
  /** null: no window is open. */
  window(): BrowserWindow | null
  texts: Texts
  log: Log
}

type Phase = 'running' | 'asking' | 'ending' | 'ended'

/**
 * Ends the app: a person who hosts a room is asked first; a signal asks nobody. The hosting process ends before the app
 * does, in bounded time (supervisor/limits.ts).
 */
export function manageQuit({ supervisor, window, texts, log }: QuitOptions): void {
  let phase: Phase = 'running'

  const end = async (why: string) => {
    if (phase === 'ending' || phase === 'ended') return
    phase = 'ending'
    log(`quit: ${why}`)
    await supervisor.stop()
    phase = 'ended'
    app.quit()
  }

  const askThenEnd = async () => {
    phase = 'asking'
    if (await confirmed(window(), texts)) return end('the person said so')
    phase = 'running'
  }

  const mayClose = (): boolean => {
    if (phase === 'ended') return true
    if (phase === 'running') void (isHosting(supervisor) ? askThenEnd() : end('asked to'))
    return false
  }

  app.on('before-quit', (event) => {
    if (!mayClose()) event.preventDefault()
  })
  app.on('window-all-closed', () => app.quit())
  window()?.on('close', (event) => {
    if (phase !== 'ended' && isHosting(supervisor)) {
      event.preventDefault()
      mayClose()
    }
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(signal))
}

function isHosting(supervisor: SfuSupervisor): boolean {
  return roomsHere(supervisor.status()) > 0
}

async function confirmed(window: BrowserWindow | null, texts: Texts): Promise<boolean> {
  const options = {
    type: 'question' as const,
    message: texts.quitWhileHosting,
    detail: texts.quitWhileHostingDetail,
    buttons: [texts.endAndQuit, texts.keepHosting],
    defaultId: 1,
    cancelId: 1,
  }
  const { response } = await (window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options))
  return response === 0
}
