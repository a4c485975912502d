import {
  type FromStudioHost,
  fromStudioHostSchema,
  type StudioTask,
  type ToStudioHost,
} from '../../studio-host/messages.ts'
import type { Log } from '../log.ts'
import { forkUtility, killUtility } from '../utility-process.ts'
import type { StudioProcess, StudioProcessEvents } from './local-studio.ts'

export interface StudioProcessOptions {
  /** Absolute path of the bundle of electron/studio-host. */
  file: string
  task: StudioTask
  events: StudioProcessEvents
  log: Log
}

/** One job in a utility process of its own: it may take all the time and memory that it needs, or crash, and no room hears of it. */
export function startStudioProcess({ file, task, events, log }: StudioProcessOptions): StudioProcess {
  const child = forkUtility({ file, name: 'Engawa studio', logPrefix: 'studio-host', log })
  const post = (message: ToStudioHost) => child.postMessage(message)
  child.on('spawn', () => post({ type: 'run', task }))
  child.on('message', (raw: unknown) => {
    const message = fromStudioHostSchema.safeParse(raw)
    if (message.success) onMessage(message.data)
    else log('studio: a message that is not one was dropped')
  })
  child.on('exit', (code) => events.onExit(`code ${code}`))

  function onMessage(message: FromStudioHost): void {
    events.onMessage(message)
    if (message.type !== 'progress') killUtility(child)
  }
  return { abort: () => post({ type: 'abort' }), kill: () => killUtility(child) }
}
