import { mkdirSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import type { Logger } from 'pino'
import WebSocket from 'ws'
import type { NodeLink, NodeLinkState } from '../sfu-core/contract/node-protocol.ts'
import { createWeriftTransport, type MediaNode, startMediaNode, systemClock } from '../sfu-core/index.ts'
import { type RelayConfig, readRelayConfig, warningsFor } from './config.ts'
import { createNodeLink } from './contract/node-link.ts'
import { createLog } from './log.ts'
import { BESIDE_SERVER, type FromRelay, toRelaySchema } from './relay-messages.ts'
import { withUploads } from './relay-uploads.ts'
import { onStopSignals, runUntilStopped } from './stopping.ts'
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
  let relay: MediaNode | null = null
  const start = (serverUrl: string) => {
    relay ??= startRelay(config, { serverUrl, besideServer, log })
  }
  onStopSignals({
    stop: async () => relay?.close(),
    log,
    // Ctrl-C reaches the server too, which then tells us when.
    ignoreInterrupt: besideServer,
    onMessage: (message) => {
      const { data } = toRelaySchema.safeParse(message)
      if (data?.type === 'serve') start(data.serverUrl)
      return data?.type === 'stop'
    },
  })
  if (config.serverUrl !== null) start(config.serverUrl)
})

interface RelayPlace {
  serverUrl: string
  besideServer: boolean
  log: Logger
}

function startRelay(config: RelayConfig, { serverUrl, besideServer, log }: RelayPlace): MediaNode {
  const takesFolder = path.join(config.dataFolder, 'takes')
  mkdirSync(takesFolder, { recursive: true, mode: 0o700 })
  const { relayKey, rtc } = config
  const line = createNodeLink({
    url: serverUrl,
    credential: { relayKey },
    WebSocketImpl: WebSocket as unknown as typeof globalThis.WebSocket,
  })
  const link = besideServer ? line : withUploads(line, { serverUrl, relayKey, takesFolder })
  return startMediaNode({
    link: telling(link, tellServer),
    transport: createWeriftTransport({
      ...(rtc.portRange && { portRange: [rtc.portRange.min, rtc.portRange.max] }),
      ...(rtc.announcedAddress && { announcedAddresses: [rtc.announcedAddress] }),
      stunServers: rtc.stunServers.map((server) => server.replace(/^stuns?:/, '')),
      log,
    }),
    registration: {
      kind: 'relay',
      name: config.nodeName,
      version: versionOfProgram(),
      takeStorage: besideServer ? 'shared' : 'upload',
    },
    takesFolder,
    clock: systemClock,
    log,
  })
}

/** The server that started us waits for the first registration; one that refuses us is not asked again. */
function tellServer(state: NodeLinkState): void {
  if (state.state === 'connecting') return
  const message: FromRelay =
    state.state === 'up'
      ? { type: 'ready', nodeId: state.nodeId }
      : { type: 'failed', reason: `${state.reason}: ${state.detail}` }
  if (process.connected) process.send?.(message)
  else if (state.state === 'refused') process.exitCode = 1
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
