import type { BetterAuthOptions } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { betterAuth } from 'better-auth/minimal'
import { bearer } from 'better-auth/plugins/bearer'
import type { Logger } from 'pino'
import { NAME_MAX_CHARS } from '../../sfu-core/contract/limits.ts'
import { PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS } from '../contract/inputs.ts'
import type { Person } from '../contract/views.ts'
import type { Queries } from '../db/database.ts'
import { isDatabaseGone } from '../db/database-errors.ts'
import { SESSION_TTL_S, SIGN_INS_PER_ADDRESS_PER_MINUTE, SIGN_UPS_PER_ADDRESS_PER_10_MINUTES } from '../limits.ts'
import { trustedOrigins } from '../origins.ts'
import { people, sessions, signIns, verifications } from './people.tables.ts'

/** Accounts and sessions: better-auth, at `/api/auth/*`. */
export interface Auth {
  /** Answers a request to `/api/auth/*`. `ADDRESS_HEADER` must be set by us. */
  handle(request: Request): Promise<Response>
  /** Who a cookie or bearer token belongs to; null: nobody. Rejects while the database is gone. */
  whoIs(headers: Headers): Promise<Person | null>
}

export interface AuthOptions {
  queries: Queries
  secret: string
  publicUrl: string | null
  registration: 'open' | 'closed'
  log: Logger
}

export const AUTH_PATH = '/api/auth'
/** The caller's address for better-auth's rate limits; what a caller puts there itself is overwritten. */
export const ADDRESS_HEADER = 'x-engawa-address'
const SESSION_RENEW_S = 24 * 3600
/**
 * What better-auth mounts and Engawa does not use: each would be a way into the data past our own rules.
 * Its list: https://www.better-auth.com/docs/reference/options#disabledpaths
 */
export const DISABLED_AUTH_PATHS = [
  '/update-user',
  '/update-session',
  '/change-email',
  '/change-password',
  '/verify-password',
  '/delete-user',
  '/delete-user/callback',
  '/request-password-reset',
  '/reset-password',
  '/send-verification-email',
  '/verify-email',
  '/sign-in/social',
  '/link-social',
  '/unlink-account',
  '/list-accounts',
  '/account-info',
  '/get-access-token',
  '/refresh-token',
  '/list-sessions',
  '/revoke-session',
  '/revoke-sessions',
  '/revoke-other-sessions',
]

export function createAuth(options: AuthOptions): Auth {
  const auth = betterAuth(settingsFor(options))
  return {
    handle: (request) => auth.handler(request),
    whoIs: async (headers) => {
      const session = await auth.api.getSession({ headers })
      return session && { userId: session.user.id, name: session.user.name, email: session.user.email }
    },
  }
}

function settingsFor({ queries, secret, publicUrl, registration, log }: AuthOptions) {
  return {
    appName: 'Engawa',
    basePath: AUTH_PATH,
    disabledPaths: DISABLED_AUTH_PATHS,
    secret,
    ...(publicUrl === null ? {} : { baseURL: publicUrl }),
    database: drizzleAdapter(queries, {
      provider: 'pg',
      schema: { user: people, session: sessions, account: signIns, verification: verifications },
    }),
    emailAndPassword: {
      enabled: true,
      minPasswordLength: PASSWORD_MIN_CHARS,
      maxPasswordLength: PASSWORD_MAX_CHARS,
      disableSignUp: registration === 'closed',
    },
    session: { expiresIn: SESSION_TTL_S, updateAge: SESSION_RENEW_S },
    trustedOrigins: (request?: Request) =>
      trustedOrigins(request === undefined ? 'localhost' : new URL(request.url).host, publicUrl),
    rateLimit: {
      enabled: true,
      storage: 'memory',
      customRules: {
        '/sign-up/email': { window: 600, max: SIGN_UPS_PER_ADDRESS_PER_10_MINUTES },
        '/sign-in/email': { window: 60, max: SIGN_INS_PER_ADDRESS_PER_MINUTE },
      },
    },
    advanced: {
      cookiePrefix: 'engawa',
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      useSecureCookies: publicUrl?.startsWith('https:') ?? false,
    },
    databaseHooks: {
      user: {
        create: { before: async (user) => ({ data: { ...user, name: shortName(user.name) } }) },
        update: {
          before: async (user) => ({ data: user.name === undefined ? user : { ...user, name: shortName(user.name) } }),
        },
      },
    },
    plugins: [bearer()],
    telemetry: { enabled: false },
    logger: { log: (level, message, ...rest) => logFor(log, level, { message, rest }) },
  } satisfies BetterAuthOptions
}

/** better-auth takes any name; rooms show at most NAME_MAX_CHARS. */
function shortName(name: unknown): string {
  const trimmed = String(name).trim().slice(0, NAME_MAX_CHARS)
  return trimmed === '' ? 'Somebody' : trimmed
}

/** A database that is gone is told once by the watcher of the database, not at each request. */
function logFor(log: Logger, level: string, said: { message: string; rest: unknown[] }): void {
  // Without a public address the origin of each request counts: that is meant so.
  if (said.message.includes('Base URL is not set')) return
  if (said.rest.some(isDatabaseGone)) return
  const details = said.rest.length === 0 ? {} : { said: said.rest.map(String) }
  if (level === 'error') log.error(details, said.message)
  else if (level === 'warn') log.warn(details, said.message)
  else log.debug(details, said.message)
}
