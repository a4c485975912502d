import path from 'node:path'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import type { Logger } from 'pino'
import postgres, { type Sql } from 'postgres'
import {
  DATABASE_BACKOFF_MAX_MS,
  DATABASE_CONNECT_TIMEOUT_S,
  DATABASE_MAX_CONNECTIONS,
  DATABASE_PROBE_TIMEOUT_MS,
} from '../limits.ts'
import { StartProblem, systemWordsFor } from '../start-problem.ts'
import { databaseCodeOf } from './database-errors.ts'
import type { ConnectionPlace } from './embedded/embedded-postgres.ts'
import * as schema from './schema.ts'

/** What the queries of all features run on. */
export type Queries = PostgresJsDatabase<typeof schema>

export interface Database {
  readonly queries: Queries
  /** Whether it answers now. Never throws. */
  probe(): Promise<boolean>
  /** One connection apart from those of the queries, for what sends scripts with their own BEGIN (the job queue). Ends with the rest. */
  readonly line: Sql
  /** Waits for running queries, then hangs up. Idempotent. */
  close(): Promise<void>
}

const MIGRATIONS_FOLDER = path.join(import.meta.dirname, 'migrations')
/** Any number, the same in every Engawa: two that start on one database bring it up to date one after the other. */
const MIGRATION_LOCK = 8_420_001
const CLOSE_TIMEOUT_S = 1

/**
 * Connects and brings the tables up to date.
 * @throws StartProblem in plain words when the database cannot be reached or refuses us.
 */
export async function openDatabase(place: ConnectionPlace | string, log: Logger): Promise<Database> {
  const options = {
    connect_timeout: DATABASE_CONNECT_TIMEOUT_S,
    backoff: (retries: number) => Math.min(0.05 * 2 ** Math.min(retries, 10), DATABASE_BACKOFF_MAX_MS / 1_000),
    onnotice: () => {},
    connection: { application_name: 'engawa' },
  }
  const connect = (max: number) =>
    typeof place === 'string' ? postgres(place, { ...options, max }) : postgres({ ...options, ...place, max })
  try {
    await migrateAlone(connect(1))
  } catch (error) {
    throw startProblemFor(error, place)
  }
  log.debug('the database is up to date')
  const sql = connect(DATABASE_MAX_CONNECTIONS)
  const line = connect(1)
  return {
    queries: drizzle(sql, { schema }),
    probe: () => probe(sql),
    line,
    async close() {
      await Promise.all([sql, line].map((one) => one.end({ timeout: CLOSE_TIMEOUT_S })))
    },
  }
}

/** On one connection of its own, because the lock belongs to the connection. */
async function migrateAlone(sql: Sql): Promise<void> {
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`
    await migrate(drizzle(sql), { migrationsFolder: MIGRATIONS_FOLDER })
  } finally {
    await sql.end({ timeout: 0 })
  }
}

async function probe(sql: Sql): Promise<boolean> {
  const query = sql`select 1`
  const timeout = new Promise<false>((resolve) => {
    setTimeout(resolve, DATABASE_PROBE_TIMEOUT_MS, false).unref()
  })
  return Promise.race([
    query.then(
      () => true,
      () => false,
    ),
    timeout,
  ])
}

function startProblemFor(error: unknown, place: ConnectionPlace | string): Error {
  if (typeof place !== 'string') {
    return new StartProblem(`The embedded database cannot be used: ${innermostMessage(error)}.`)
  }
  const why = reasonFor(databaseCodeOf(error), error)
  return new StartProblem(`The database of DATABASE_URL (${withoutPassword(place)}) ${why}.`)
}

function reasonFor(code: string | null, error: unknown): string {
  switch (code) {
    case '28P01':
    case '28000':
      return 'refuses the name or the password'
    case '3D000':
      return 'does not exist; create it first'
    case '42501':
      return 'does not let this account make its tables; grant it CREATE on the database and its schema'
    case 'ECONNREFUSED':
      return 'cannot be reached: nothing listens there (ECONNREFUSED)'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `cannot be reached: there is no such host (${code})`
    case 'CONNECT_TIMEOUT':
      return `cannot be reached: no answer within ${DATABASE_CONNECT_TIMEOUT_S} s`
    default:
      return `cannot be used: ${code === null ? systemWordsFor(error) : `${innermostMessage(error)} (${code})`}`
  }
}

function innermostMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? innermostMessage(error.cause) : error.message
}

function withoutPassword(url: string): string {
  try {
    const { username, host, pathname } = new URL(url)
    return `${username ? `${username}@` : ''}${host}${pathname}`
  } catch {
    return 'address hidden'
  }
}
