import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { LogLevel } from './config.ts'

/** Never written, wherever they stand in a logged object. */
const SECRETS = [
  'token',
  'nodeToken',
  'relayKey',
  'seat',
  'invite',
  'inviteCode',
  'password',
  'ticket',
  'authorization',
  'cookie',
]

/** JSON lines on standard output, or easy to read where that is a terminal. */
export function createLog(level: LogLevel, name: string): Logger {
  const redact = {
    paths: SECRETS.flatMap((secret) => [secret, `*.${secret}`, `*.*.${secret}`]),
    censor: '[secret]',
  }
  const options = { level, name, redact, base: { name } }
  if (!process.stdout.isTTY) return pino(options)
  // In this thread: what is said last is not lost with the process.
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname,name', translateTime: 'HH:MM:ss.l' }))
}

const SECRET_IN_URL = /([?&](?:token|ticket|invite|seat|input|connectionParams)=)[^&]*/g

/** A URL for the log: no ticket, invite code or input of a call in it. */
export function urlForLog(url: string): string {
  return url.replace(SECRET_IN_URL, '$1[secret]')
}
