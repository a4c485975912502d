import { Refusal } from '../../sfu-core/contract/reasons.ts'

/** System errors and the `postgres` driver's own, for a line to the database that is not there. */
const GONE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
])
/** SQLSTATE: connection exceptions, shutdown and crash, start-up, too many connections (PostgreSQL manual, appendix A). */
const GONE_STATES = /^(08...|57P0[1-5]|53300)$/

/** The code of the error or of what caused it (drizzle and better-auth wrap the driver's), innermost first. */
export function databaseCodeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const inner = databaseCodeOf(error.cause)
  if (inner !== null) return inner
  return 'code' in error && typeof error.code === 'string' ? error.code : null
}

/** Whether it says that the database cannot be reached now; a try later may work. */
export function isDatabaseGone(error: unknown): boolean {
  const code = databaseCodeOf(error)
  return code !== null && (GONE_CODES.has(code) || GONE_STATES.test(code))
}

export const DATABASE_GONE_SENTENCE = 'The database does not answer at the moment. Try again in a few seconds.'

/** The refusal that people get for it. */
export function databaseGone(): Refusal {
  return new Refusal('server-error', DATABASE_GONE_SENTENCE)
}
