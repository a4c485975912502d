import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { nanoid } from 'nanoid'
import type { Logger } from 'pino'
import { lanUrls } from './addresses.ts'
import { steadyMs } from './clock.ts'
import type { Config } from './config.ts'
import type { DataFolder } from './data-folder.ts'
import type { Database } from './db/database.ts'
import { type ConnectionsDeps, httpConnection } from './http/connections.ts'
import { createWebServer } from './http/web-server.ts'
import type { Keys } from './keys.ts'
import { NodeRegistry } from './nodes/node-registry.ts'
import { createNodeStore } from './nodes/nodes.db.ts'
import { createNodes } from './nodes/nodes.ts'
import { createAuth } from './people/auth.ts'
import { people } from './people/people.ts'
import { createRateLimits } from './rate-limits.ts'
import { LiveRooms } from './rooms/live-rooms.ts'
import { createRoomStore } from './rooms/rooms.db.ts'
import { createRooms } from './rooms/rooms.ts'
import { type SnapshotWriter, startSnapshotWriter } from './rooms/snapshot-writer.ts'
import { stunServersFor } from './rooms/stun-servers.ts'
import { createRouter, type Rules } from './router.ts'
import { makeStudio, type Studio } from './studio/start-studio.ts'
import { tapesForStudio } from './studio/studio-tapes.db.ts'
import { createTakeFiles } from './takes/take-files.ts'
import { createTakeStore } from './takes/takes.db.ts'
import { createTakes } from './takes/takes.ts'
import { createTapes } from './tapes/tapes.ts'
import { createTapeParts } from './tapes/tapes-parts.ts'
import { createTokens } from './tokens.ts'
import { versionOfProgram } from './version.ts'

export interface Assembled {
  /** Not listening yet. */
  app: FastifyInstance
  registry: NodeRegistry
  snapshots: SnapshotWriter
  /** Started already. */
  studio: Studio
  /** From now on nodes are heard but not believed: the server goes, and so do they. */
  stopPublications(): void
}

export interface AssembleOptions {
  config: Config
  folder: DataFolder
  keys: Keys
  database: Database
  log: Logger
}

/** Where the web client's build lies. */
const WEB_FOLDER = path.join(import.meta.dirname, '..', 'dist', 'web')

/** The composition root: the rules with what they need, and the web server over them. Live rooms of an earlier run come back. */
export async function assemble(options: AssembleOptions): Promise<Assembled> {
  const { config, keys, database, log } = options
  const parts = await createParts(options)
  await bringBackLiveRooms(parts)
  const studio = await startStudio(parts, options)
  let takesPublications = true
  const rules = createRules(parts, { ...options, studio, takesPublications: () => takesPublications })
  const { publicUrl, registration } = config
  const auth = createAuth({ queries: database.queries, secret: keys.authSecret, publicUrl, registration, log })
  const { tokens, limits, registry } = parts
  const connections: ConnectionsDeps = { auth, tokens, limits, relayKey: keys.relayKey, steadyMs, log }
  const app = await createWebServer({
    config,
    log,
    auth,
    trpc: {
      router: createRouter(rules),
      connections,
      onClosed: (connectionId) => registry.connectionClosed(connectionId),
    },
    takes: {
      store: parts.takeStore,
      files: parts.files,
      tokens,
      relayKey: keys.relayKey,
      connectionOf: (request) => httpConnection(connections, request),
      onTakeNews: studio.onTakeNews,
    },
    studio,
    tapes: { receiver: parts.tapes.receiver, tokens, limits },
    handover: { handover: parts.tapes.handover, tokens, limits },
    health: {
      version: versionOfProgram(),
      registration,
      publicUrl,
      lanUrls: () => (config.host === null ? lanUrls(portOf(app)) : []),
      databaseAnswers: () => database.probe(),
      relayIsThere: () => !config.relay || registry.hasRelay(),
    },
    webFolder: WEB_FOLDER,
  })
  const snapshots = startSnapshotWriter(parts.liveRooms, parts.roomStore, log)
  const stopPublications = () => {
    takesPublications = false
  }
  return { app, registry, snapshots, studio, stopPublications }
}

/** For tokens and what is kept. Who is alive is watched by `steadyMs`. */
const nowMs = Date.now

/** What more than one rule needs. */
async function createParts({ config, keys, database, folder }: AssembleOptions) {
  const registry = new NodeRegistry(steadyMs)
  const stunServers = stunServersFor(config.stunServers, registry)
  return {
    tokens: createTokens(keys, nowMs),
    limits: createRateLimits(),
    registry,
    stunServers,
    liveRooms: new LiveRooms(stunServers),
    roomStore: createRoomStore(database.queries),
    takeStore: createTakeStore(database.queries),
    files: createTakeFiles(folder.takes),
    tapes: await createTapeParts({
      queries: database.queries,
      takesFolder: folder.takes,
      quotas: config.tapeQuotas,
      signingKey: keys.signing,
      nowMs,
      steadyMs,
    }),
  }
}

type Parts = Awaited<ReturnType<typeof createParts>>

/** Their nodes find them in the welcome. */
async function bringBackLiveRooms({ roomStore, liveRooms }: Parts): Promise<void> {
  for (const record of await roomStore.live()) {
    if (record.nodeId !== null) liveRooms.add(record, { nodeId: record.nodeId, nodeUp: false })
  }
}

async function startStudio(parts: Parts, options: AssembleOptions): Promise<Studio> {
  const { config, database, folder, keys, log } = options
  const studio = makeStudio({
    queries: database.queries,
    line: database.line,
    takesFolder: folder.takes,
    keys,
    takes: parts.takeStore,
    takeFiles: parts.files,
    tapes: tapesForStudio(database.queries, parts.tapes),
    liveRooms: parts.liveRooms,
    jobsAtOnce: config.studioJobs,
    minFreeBytes: config.tapeQuotas.minFreeBytes,
    nowMs,
    log,
  })
  parts.tapes.onTapeNews(studio.onTakeNews)
  await studio.start()
  return studio
}

interface RulesOptions extends AssembleOptions {
  studio: Studio
  takesPublications(): boolean
}

function createRules(parts: Parts, options: RulesOptions): Rules {
  const { keys, log, database } = options
  const { registry, tokens, liveRooms, roomStore } = parts
  const rooms = createRooms({ ...parts, store: roomStore, seatSecret: keys.seatSecret, nowMs, runId: nanoid(8) })
  const nodes = createNodes({
    registry,
    stunServers: parts.stunServers,
    store: createNodeStore(database.queries),
    liveRooms,
    tokens,
    limits: parts.limits,
    publicKey: keys.publicKey,
    handover: parts.tapes.handover,
    nowMs,
    takesPublications: options.takesPublications,
    onRoomEnded: (room) => {
      rooms.lifecycle
        .endByNode(room, 'room-ended')
        .catch((error: unknown) => log.error({ err: error }, 'the end of a room cannot be kept'))
    },
  })
  const takes = createTakes({
    ...parts,
    store: parts.takeStore,
    rooms: roomStore,
    onTakeNews: options.studio.onTakeNews,
  })
  const tapes = createTapes({ ...parts, ...parts.tapes, nowMs })
  return { people, rooms: rooms.api, nodes, takes, tapes, studio: options.studio.api }
}

function portOf(app: FastifyInstance): number {
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
