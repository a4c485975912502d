import { hostname } from 'node:os'
import { app, type UtilityProcess, utilityProcess } from 'electron'
import type { HostingRequest } from '../contract/bridge.ts'
import { fromHostSchema, type HostConfig, type ToHost } from '../sfu-host/messages.ts'
import type { DesktopConfig } from './config.ts'
import { LOG_LINE_MAX_CHARS, type Log } from './log.ts'
import type { HostProcess, HostProcessEvents } from './supervisor/supervisor.ts'

const NODE_NAME_MAX_CHARS = 120
/** Hours of recordings are closed in a second or two; hosting waits for it. */
const MEND_WAIT_MS = 30_000
/** What sockets and time zones need; the rest of `npm start`'s environment (DATABASE_URL, keys) is not its business. */
const ENVIRONMENT_KEPT = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'windir', 'USERPROFILE']

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
  return { askToStop: () => post(child, { type: 'stop' }), kill: () => kill(child) }
}

/**
 * Closes the takes that a crash left open, in a short life of the hosting process that does nothing else. Resolves
 * when it has ended, after MEND_WAIT_MS at the latest; what is not closed by then is left to the next start.
 */
export function mendTakes({ config, log }: Pick<HostingProcessOptions, 'config' | 'log'>): Promise<void> {
  const child = fork(config.sfuHostFile, log)
  child.on('spawn', () => post(child, { type: 'mend', takesFolder: config.takesFolder }))
  return new Promise((resolve) => {
    const tooLate = setTimeout(() => kill(child), MEND_WAIT_MS)
    child.on('exit', () => {
      clearTimeout(tooLate)
      resolve()
    })
  })
}

function fork(sfuHostFile: string, log: Log): UtilityProcess {
  const child = utilityProcess.fork(sfuHostFile, [], {
    serviceName: 'Engawa hosting',
    stdio: 'pipe',
    env: hostingEnvironment(),
  })
  passOn(child, log)
  return child
}

function hostingEnvironment(): NodeJS.ProcessEnv {
  const kept = ENVIRONMENT_KEPT.filter((name) => process.env[name] !== undefined)
  return { ...Object.fromEntries(kept.map((name) => [name, process.env[name]])), NODE_ENV: 'production' }
}

function hostConfig({ takesFolder, rtc }: HostingProcessOptions['config'], request: HostingRequest): HostConfig {
  const nodeName = hostname().slice(0, NODE_NAME_MAX_CHARS) || 'desktop'
  return { ...request, takesFolder, rtc, appVersion: app.getVersion(), nodeName }
}

function post(child: UtilityProcess, message: ToHost): void {
  child.postMessage(message)
}

/** `UtilityProcess.kill` sends SIGTERM on POSIX, which a process that hangs may not die of. */
function kill(child: UtilityProcess): void {
  if (process.platform === 'win32' || child.pid === undefined) {
    child.kill()
    return
  }
  try {
    process.kill(child.pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile; `exit` tells.
  }
}

/** Its output goes into our log, line by line. */
function passOn(child: UtilityProcess, log: Log): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('utf8')).split('\n')
      rest = (lines.pop() ?? '').slice(0, LOG_LINE_MAX_CHARS)
      for (const line of lines) if (line !== '') log(`sfu-host: ${line}`)
    })
  }
}
