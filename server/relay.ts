import { mkdirSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import type { Logger } from 'pino'
import WebSocket from 'ws'
import type { NodeLink, NodeLinkState } from '../sfu-core/contract/node-protocol.ts'
import { Refusal } from '../sfu-core/contract/reasons.ts'
import {
  createNodeTransport,
  type MediaNode,
  type NodeTransport,
  startMediaNode,
  systemClock,
} from '../sfu-core/index.ts'
import { type RelayConfig, type RtcConfig, readRelayConfig, warningsFor } from './config.ts'
import { createNodeLink } from './contract/node-link.ts'
import { createLog } from './log.ts'
import { BESIDE_SERVER, type FromRelay, toRelaySchema } from './relay-messages.ts'
import type { StatsServer } from './relay-stats/stats-server.ts'
import { withUploads } from './relay-uploads.ts'
import { StartProblem } from './start-problem.ts'
import { onStopSignals, runUntilStopped } from './stopping.ts'
import { stunServersOf } from './stun-addresses.ts'
import { versionOfProgram } from './version.ts'

/**
 * A relay: runs rooms for a server that it connects out to. By itself (`node server/relay.ts`), or as the
 * child of the all-in-one, whose data folder it then shares and whose end is its end.
 */
await runUntilStopped(async () => {
  const besideServer = process.argv.includes(BESIDE_SERVER)
  const config = readRelayConfig(process.env, besideServer)
  const log = createLog(config.logLevel, 'relay')
  if (!besideServer) for (const warning of warningsFor(process.env)) log.warn(warning)
  const transport = createTransport(config, log)
  const whereToServe = Promise.withResolvers<string>()
  if (config.serverUrl !== null) whereToServe.resolve(config.serverUrl)
  let relay: MediaNode | null = null
  let stats: StatsServer | null = null
  onStopSignals({
    stop: async () => {
      await Promise.all([(relay ?? transport).close(), stats?.close()])
    },
    log,
    // Ctrl-C reaches the server too, which then tells us when.
    ignoreInterrupt: besideServer,
    onMessage: (message) => {
      const { data } = toRelaySchema.safeParse(message)
      if (data?.type === 'serve') whereToServe.resolve(data.serverUrl)
      return data?.type === 'stop'
    },
  })
  // While the server beside us is still starting.
  await openMedia(transport, config.rtc)
  const serverUrl = await whereToServe.promise
  const onRefused = () => {
    process.exitCode = 1
    // Outright: beside the server the channel to it keeps this process, and only an end is followed by a new start.
    void Promise.resolve(relay?.close()).finally(() => process.exit())
  }
  relay = await startRelay({ config, transport, serverUrl, besideServer, log, onRefused })
  stats = await startStatsPage({ port: config.statsPort, node: relay, transport, log })
})

function createTransport({ rtc, packetDumpFile }: RelayConfig, log: Logger): NodeTransport {
  if (packetDumpFile !== null)
    log.warn({ packetDumpFile }, 'what people say is written into a packet dump, in the clear')
  return createNodeTransport({
    packetDumpFile: packetDumpFile ?? undefined,
    ...(rtc.portRange && { portRange: [rtc.portRange.min, rtc.portRange.max] }),
    ...(rtc.announcedAddress && { announcedAddresses: [rtc.announcedAddress] }),
    threads: rtc.mediaThreads,
    batchedSends: rtc.batchedSends,
    stunServers: rtc.stunServers.map((server) => server.replace(/^stuns?:/, '')),
    log,
  })
}

/**
 * @throws StartProblem where no UDP port can be had. Beside the server this process ends instead: the server is told
 * why, and starts it again later.
 */
async function openMedia(transport: NodeTransport, { portRange }: RtcConfig): Promise<void> {
  try {
    await transport.ready()
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'media-failed') throw error
    const sentence = sentenceFor(portRange)
    if (!process.connected) throw new StartProblem(sentence, { cause: error })
    process.send?.({ type: 'failed', reason: sentence } satisfies FromRelay, () => process.exit(1))
    await new Promise(() => {})
  }
}

function sentenceFor(range: RtcConfig['portRange']): string {
  if (range === null) {
    return 'No UDP port can be opened on any address of this machine; let this account do that, or set ENGAWA_RTC_PORT_RANGE to ports that it may open.'
  }
  const [ports, them] =
    range.min === range.max ? [`port ${range.min}`, 'it'] : [`ports ${range.min} to ${range.max}`, 'them']
  return `The UDP ${ports} cannot be opened; end the program that uses ${them}, or set ENGAWA_RTC_PORT_RANGE to others.`
}

interface StatsParts {
  port: RelayConfig['statsPort']
  node: MediaNode
  transport: NodeTransport
  log: Logger
}

/** Loaded last: nobody waits for it. */
async function startStatsPage({ port, node, transport, log }: StatsParts): Promise<StatsServer | null> {
  if (port === 'off') return null
  const { startStats } = await import('./relay-stats/start-stats.ts')
  return startStats({
    port,
    log,
    node: () => node.dump(),
    transports: async () => (await transport.dump()).threads,
  })
}

interface RelayParts {
  config: RelayConfig
  transport: NodeTransport
  serverUrl: string
  besideServer: boolean
  log: Logger
  /** The server does not want this relay: it ends, and who watches over it starts it anew. */
  onRefused(): void
}

async function startRelay(parts: RelayParts): Promise<MediaNode> {
  const { config, transport, serverUrl, besideServer, log, onRefused } = parts
  const { threads } = await transport.dump()
  const takesFolder = path.join(config.dataFolder, 'takes')
  mkdirSync(takesFolder, { recursive: true, mode: 0o700 })
  const { relayKey } = config
  const line = createNodeLink({
    url: serverUrl,
    credential: { relayKey },
    WebSocketImpl: WebSocket as unknown as typeof globalThis.WebSocket,
  })
  const link = besideServer ? line : withUploads(line, { serverUrl, relayKey, takesFolder })
  return startMediaNode({
    link: telling(link, (state) => tellServer(state, onRefused)),
    transport,
    registration: {
      kind: 'relay',
      name: config.nodeName,
      version: versionOfProgram(),
      takeStorage: besideServer ? 'shared' : 'upload',
      stunServers: stunServersOf(threads.flatMap(({ candidates }) => candidates)),
    },
    takesFolder,
    clock: systemClock,
    log,
  })
}

/** The server that started us waits for the first registration; one that refuses us is not asked again. */
function tellServer(state: NodeLinkState, onRefused: () => void): void {
  if (state.state === 'connecting') return
  const message: FromRelay =
    state.state === 'up'
      ? { type: 'ready', nodeId: state.nodeId }
      : { type: 'failed', reason: `${state.reason}: ${state.detail}` }
  const after = state.state === 'refused' ? onRefused : () => {}
  if (process.connected) process.send?.(message, after)
  else after()
}

function telling(link: NodeLink, tell: (state: NodeLinkState) => void): NodeLink {
  return {
    open: (handlers) =>
      link.open({
        ...handlers,
        onState: (state) => {
          handlers.onState(state)
          tell(state)
        },
      }),
    publish: (publication) => link.publish(publication),
    heartbeat: (heartbeat) => link.heartbeat(heartbeat),
    reportTake: (manifest) => link.reportTake(manifest),
    close: () => link.close(),
  }
}
