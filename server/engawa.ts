import type { Logger } from 'pino'
import { lanUrls, localUrl } from './addresses.ts'
import { assemble } from './assemble.ts'
import type { Config } from './config.ts'
import { type DataFolder, openDataFolder } from './data-folder.ts'
import { type Database, openDatabase } from './db/database.ts'
import { startEmbeddedPostgres } from './db/embedded/embedded-postgres.ts'
import { closeWebServer } from './http/close-web-server.ts'
import { type Keys, loadKeys } from './keys.ts'
import { listen } from './listen.ts'
import { type RelayChild, startRelayChild } from './relay-child.ts'

/** The running backend. */
export interface Engawa {
  /** To open on this machine. */
  url: string
  /** For other machines of the network. */
  lanUrls: string[]
  /** Ends everything in order, with nothing lost; well under 2 s. Idempotent. */
  close(): Promise<void>
}

/** What has been started, to be ended in the opposite order. */
type Ends = (() => Promise<void>)[]

export interface StartOptions {
  config: Config
  log: Logger
  /** Calls the start off: it rejects with the signal's reason, and what had been started is ended. */
  signal: AbortSignal
}

/**
 * Starts everything: data folder, database, rules, web server, relay.
 * @throws StartProblem in plain words; what had been started is ended again.
 */
export async function startEngawa({ config, log, signal }: StartOptions): Promise<Engawa> {
  const ends: Ends = []
  let closed: Promise<void> | null = null
  const close = () => {
    closed ??= endAll(ends, log)
    return closed
  }
  try {
    const folder = await openDataFolder(config.dataFolder)
    ends.push(() => folder.release())
    const keys = loadKeys(folder.keys, config.relayKey)
    const begun = { config, folder, keys, log, ends }
    const relay = config.relay ? startRelay(begun) : null
    const database = await startDatabase(begun)
    signal.throwIfAborted()
    const urls = await startServing({ ...begun, database, relay, signal })
    return { ...urls, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function endAll(ends: Ends, log: Logger): Promise<void> {
  for (const end of ends.reverse()) {
    await end().catch((error: unknown) => log.error({ err: error }, 'something could not be ended in order'))
  }
}

interface Begun {
  config: Config
  folder: DataFolder
  keys: Keys
  log: Logger
  ends: Ends
}

async function startDatabase({ config, folder, keys, log, ends }: Begun): Promise<Database> {
  if (config.databaseUrl !== null) {
    const database = await openDatabase(config.databaseUrl, log)
    ends.push(() => database.close())
    return database
  }
  const postgres = await startEmbeddedPostgres({ folder: folder.postgres, password: keys.databasePassword, log })
  ends.push(() => postgres.close())
  const database = await openDatabase(postgres.place, log)
  ends.push(() => database.close())
  return database
}

/** It loads while the database starts. */
function startRelay({ config, folder, keys, log, ends }: Begun): RelayChild {
  const { logLevel } = config
  const relay = startRelayChild({ relayKey: keys.relayKey, dataFolder: folder.path, logLevel, log })
  ends.push(() => relay.close())
  return relay
}

interface Ready extends Begun {
  database: Database
  relay: RelayChild | null
  signal: AbortSignal
}

async function startServing(ready: Ready): Promise<{ url: string; lanUrls: string[] }> {
  const { config, relay, ends, signal } = ready
  const { app, registry, snapshots, studio, stopPublications } = await assemble(ready)
  ends.push(() => studio.close())
  ends.push(() => closeWebServer(app))
  ends.push(async () => registry.close())
  signal.throwIfAborted()
  const { host, port } = await listen(app, config)
  registry.start()
  // First of all: what nodes say while they go is not the rooms' end. Then the relay, while the server still listens.
  ends.push(async () => relay?.close())
  ends.push(async () => {
    stopPublications()
    snapshots.close()
    await snapshots.flush()
  })
  const isEverywhere = host === '::' || host === '0.0.0.0'
  relay?.serve(isEverywhere ? `http://127.0.0.1:${port}` : localUrl(host, port))
  await Promise.race([relay?.ready, aborted(signal)])
  signal.throwIfAborted()
  return { url: config.publicUrl ?? localUrl(host, port), lanUrls: isEverywhere ? lanUrls(port) : [] }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
