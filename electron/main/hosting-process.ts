import { hostname } from 'node:os'
import { app, type UtilityProcess } from 'electron'
import type { HostingRequest } from '../contract/bridge.ts'
import { fromHostSchema, type HostConfig, type ToHost } from '../sfu-host/messages.ts'
import type { DesktopConfig } from './config.ts'
import type { Log } from './log.ts'
import type { HostProcess, HostProcessEvents } from './supervisor/supervisor.ts'
import { forkUtility, killUtility } from './utility-process.ts'

const NODE_NAME_MAX_CHARS = 120
/** Hours of recordings are closed in a second or two; hosting waits for it. */
const MEND_WAIT_MS = 30_000

export interface HostingProcessOptions {
  config: Pick<DesktopConfig, 'sfuHostFile' | 'takesFolder' | 'rtc'>
  request: HostingRequest
  events: HostProcessEvents
  log: Log
}

/** Starts electron/sfu-host in a utility process of its own. */
export function startHostingProcess({ config, request, events, log }: HostingProcessOptions): HostProcess {
  const child = fork(config.sfuHostFile, log)
  child.on('spawn', () => {
    events.onSpawn(child.pid ?? 0)
    post(child, { type: 'start', config: hostConfig(config, request) })
  })
  child.on('message', (raw: unknown) => {
    const message = fromHostSchema.safeParse(raw)
    if (message.success) events.onMessage(message.data)
    else log('hosting: a message that is not one was dropped')
  })
  child.on('exit', (code) => events.onExit(`code ${code}`))
  return { askToStop: () => post(child, { type: 'stop' }), kill: () => killUtility(child) }
}

/**
 * Closes the takes that a crash left open, in a short life of the hosting process that does nothing else. Resolves
 * when it has ended, after MEND_WAIT_MS at the latest; what is not closed by then is left to the next start.
 */
export function mendTakes({ config, log }: Pick<HostingProcessOptions, 'config' | 'log'>): Promise<void> {
  const child = fork(config.sfuHostFile, log)
  child.on('spawn', () => post(child, { type: 'mend', takesFolder: config.takesFolder }))
  return new Promise((resolve) => {
    const tooLate = setTimeout(() => killUtility(child), MEND_WAIT_MS)
    child.on('exit', () => {
      clearTimeout(tooLate)
      resolve()
    })
  })
}

function fork(file: string, log: Log): UtilityProcess {
  return forkUtility({ file, name: 'Engawa hosting', logPrefix: 'sfu-host', log })
}

function hostConfig({ takesFolder, rtc }: HostingProcessOptions['config'], request: HostingRequest): HostConfig {
  const nodeName = hostname().slice(0, NODE_NAME_MAX_CHARS) || 'desktop'
  return { ...request, takesFolder, rtc, appVersion: app.getVersion(), nodeName }
}

function post(child: UtilityProcess, message: ToHost): void {
  child.postMessage(message)
}
