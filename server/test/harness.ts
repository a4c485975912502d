import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { nanoid } from 'nanoid'
import postgres from 'postgres'
import WebSocket from 'ws'
import { type Credentials, createServerClient, type ServerClient } from '../contract/client.ts'

/**
 * The real server as its own process, on a data folder of its own. With ENGAWA_TEST_DATABASE_URL (a PostgreSQL
 * whose account may create databases) each server gets a database there in place of the embedded one.
 */
export interface TestServer {
  url: string
  dataFolder: string
  /** null: the embedded database. */
  databaseUrl: string | null
  pid: number
  relayKey: string
  /** Everything that it said so far. */
  output(): string
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number>
  kill(): Promise<void>
}

export interface ServerOptions {
  env?: Record<string, string>
  /** Of an earlier server; else a fresh one. */
  dataFolder?: string
  /** Of an earlier server, where the tests run on another PostgreSQL. */
  databaseUrl?: string | null
}

export type StartOutcome = { ready: true; server: TestServer } | { ready: false; code: number | null; output: string }

const ENTRY = path.join(import.meta.dirname, '..', 'main.ts')
const folders: string[] = []
const children = new Set<ChildProcess>()
const clients = new Set<ServerClient>()
const TEST_RELAY_KEY = `test-relay-key-${nanoid()}`
export const FOREIGN_DATABASE_URL = process.env['ENGAWA_TEST_DATABASE_URL']

export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'engawa-test-'))
  folders.push(folder)
  return folder
}

/** @throws when it ends instead of serving. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const outcome = await tryToStart(options)
  if (outcome.ready) return outcome.server
  throw new Error(`the server ended (${outcome.code}): ${outcome.output}`)
}

/** Starts it and waits until it serves or ends. */
export async function tryToStart(options: ServerOptions = {}): Promise<StartOutcome> {
  const dataFolder = options.dataFolder ?? newFolder()
  const database = await databaseFor(options)
  const env = { ...cleanEnvironment(), ...database, ...DEFAULTS, ENGAWA_DATA: dataFolder, ...options.env }
  const child = fork(ENTRY, [], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  children.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (part: string) => {
      output += part
    })
  }
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      children.delete(child)
      resolve(code)
    })
  })
  const ready = new Promise<string>((resolve) => {
    child.on('message', (message) => resolve((message as { url: string }).url))
  })
  const first = await Promise.race([ready, exited.then(() => null)])
  if (first === null) return { ready: false, code: await exited, output }
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    return exited
  }
  return {
    ready: true,
    server: {
      url: first,
      dataFolder,
      databaseUrl: database['DATABASE_URL'] ?? null,
      pid: child.pid ?? 0,
      relayKey: TEST_RELAY_KEY,
      output: () => output,
      stop: async () => (await kill('SIGTERM')) ?? -1,
      kill: async () => void (await kill('SIGKILL')),
    },
  }
}

const DEFAULTS = {
  ENGAWA_PORT: '0',
  ENGAWA_HOST: '127.0.0.1',
  ENGAWA_RELAY: 'off',
  ENGAWA_RELAY_KEY: TEST_RELAY_KEY,
  ENGAWA_LOG_LEVEL: 'warn',
}

/** As a person's shell has it: libraries behave otherwise where they see a test runner's variables. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(ENGAWA_|VITEST|NODE_ENV$|TEST$|DATABASE_URL$)/.test(name),
  )
  return Object.fromEntries(kept)
}

async function databaseFor({ databaseUrl }: ServerOptions): Promise<Record<string, string>> {
  if (FOREIGN_DATABASE_URL === undefined) return {}
  return { DATABASE_URL: databaseUrl ?? (await newDatabase(FOREIGN_DATABASE_URL)) }
}

/** A fresh database on the PostgreSQL of that URL; its URL. */
async function newDatabase(adminUrl: string): Promise<string> {
  const name = `engawa_test_${nanoid(10)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, 'x')}`
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} })
  await sql.unsafe(`create database ${name}`)
  await sql.end()
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return url.href
}

/** The typed client, as the page and the nodes use it. */
export function connect(server: Pick<TestServer, 'url'>, credentials?: Credentials): ServerClient {
  const client = createServerClient({
    url: server.url,
    WebSocketImpl: WebSocket as unknown as typeof globalThis.WebSocket,
    ...(credentials ? { credentials: () => credentials } : {}),
  })
  clients.add(client)
  return client
}

export interface TestPerson {
  name: string
  email: string
  password: string
  cookie: string
  bearer: string
  client: ServerClient
}

/** Signs up somebody new. */
export async function newPerson(server: TestServer, name = 'Hana'): Promise<TestPerson> {
  const email = `${nanoid().toLowerCase()}@example.org`
  const password = 'correct horse battery'
  const response = await post(server, '/api/auth/sign-up/email', { name, email, password })
  if (!response.ok) throw new Error(`sign-up failed: ${response.status} ${await response.text()}`)
  const bearer = response.headers.get('set-auth-token') ?? ''
  const client = connect(server, { authorization: `Bearer ${bearer}` })
  return { name, email, password, cookie: cookieOf(response), bearer, client }
}

export function post(
  server: TestServer,
  route: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(server.url + route, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url, ...headers },
    body: JSON.stringify(body),
  })
}

export function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}

/** Ends and removes everything that tests of this file started. To be called in afterAll. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...clients].map((client) => client.close()))
  clients.clear()
  await Promise.all(
    [...children].map(
      (child) =>
        new Promise((resolve) => {
          child.once('close', resolve)
          child.kill('SIGTERM')
        }),
    ),
  )
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

const LOOK_INTERVAL_MS = 50

/** Looks again and again until it is so. The one place where tests wait for the real world. */
export async function until<T>(look: () => T | Promise<T>, what: string, timeoutMs = 10_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found) return found
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS))
  }
}

/** The reason of a call that must fail. */
export async function reasonOf(
  call: Promise<unknown>,
): Promise<{ reason: string; retryAfterMs: number | null; message: string }> {
  const { errorDetail } = await import('../contract/client.ts')
  try {
    await call
  } catch (error) {
    return { ...errorDetail(error), message: error instanceof Error ? error.message : '' }
  }
  throw new Error('the call should have failed')
}
