import { type UtilityProcess, utilityProcess } from 'electron'
import { LOG_LINE_MAX_CHARS, type Log } from './log.ts'

/** What sockets and time zones need; the rest of `npm start`'s environment (DATABASE_URL, keys) is not its business. */
const ENVIRONMENT_KEPT = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'windir', 'USERPROFILE']

export interface UtilityProcessOptions {
  /** Absolute path of its bundle. */
  file: string
  /** As the system's list of processes names it. */
  name: string
  /** Begins its lines in our log. */
  logPrefix: string
  log: Log
}

/** Starts a utility process of ours with little of our environment; its output goes into our log. */
export function forkUtility({ file, name, logPrefix, log }: UtilityProcessOptions): UtilityProcess {
  const child = utilityProcess.fork(file, [], { serviceName: name, stdio: 'pipe', env: environment() })
  passOn(child, (line) => log(`${logPrefix}: ${line}`))
  return child
}

/** `UtilityProcess.kill` sends SIGTERM on POSIX, which a process that hangs may not die of. */
export function killUtility(child: UtilityProcess): void {
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

function environment(): NodeJS.ProcessEnv {
  const kept = ENVIRONMENT_KEPT.filter((name) => process.env[name] !== undefined)
  return { ...Object.fromEntries(kept.map((name) => [name, process.env[name]])), NODE_ENV: 'production' }
}

/** Line by line. */
function passOn(child: UtilityProcess, tell: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('utf8')).split('\n')
      rest = (lines.pop() ?? '').slice(0, LOG_LINE_MAX_CHARS)
      for (const line of lines) if (line !== '') tell(line)
    })
  }
}
