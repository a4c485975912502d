import { WebSocket as NodeWebSocket } from 'ws'
import { createNodeLink } from '../../server/contract/node-link.ts'
import type { NodeLinkState } from '../../sfu-core/contract/node-protocol.ts'
import { createNodeTransport, type MediaNode, recoverTakes, startMediaNode } from '../../sfu-core/index.ts'
import { createHandoverClient } from './handover/handover-client.ts'
import { HandoverRun } from './handover/handover-run.ts'
import { lineLog } from './line-log.ts'
import { type FromHost, type HostConfig, toHostSchema } from './messages.ts'
import { watchedLink } from './watched-link.ts'

/** The hosting process: one media node, told by the main process what to do. */

// Recordings belong to this person alone; main's mask does not come along.
process.umask(0o077)

let node: MediaNode | null = null
let handover: HandoverRun | null = null
const closing = new AbortController()

function tell(message: FromHost): void {
  process.parentPort.postMessage(message)
}

function tellState(state: NodeLinkState): void {
  switch (state.state) {
    case 'connecting':
      tell({ type: 'connecting' })
      return
    case 'up':
      handover?.wake()
      tell({ type: 'ready', nodeId: state.nodeId, rooms: node?.roomCount ?? 0 })
      return
    case 'refused':
      tell({ type: 'refused', reason: state.reason, detail: state.detail })
      return
  }
}

function start(config: HostConfig): MediaNode {
  let { nodeToken } = config
  const link = createNodeLink({
    url: config.serverUrl,
    credential: { nodeToken: config.nodeToken },
    // Electron 33's utility processes have no WebSocket of their own.
    WebSocketImpl: NodeWebSocket as unknown as typeof WebSocket,
    onNodeToken: (fresh) => {
      nodeToken = fresh
      tell({ type: 'token', nodeToken })
    },
  })
  handover = bringTapes(config, () => nodeToken)
  const transport = createNodeTransport({
    stunServers: config.rtc.stunServers,
    announcedAddresses: config.rtc.announcedAddresses,
    portRange: config.rtc.portRange ?? undefined,
    log: lineLog,
  })
  // Binds the port and warms the handshake up before the first person joins.
  transport.ready().catch((error: unknown) => {
    tell({ type: 'refused', reason: 'media-failed', detail: error instanceof Error ? error.message : String(error) })
  })
  return startMediaNode({
    link: watchedLink(link, tellState),
    transport,
    registration: { kind: 'desktop', name: config.nodeName, version: config.appVersion, takeStorage: 'kept' },
    takesFolder: config.takesFolder,
    log: lineLog,
    onRoomCount: (rooms) => tell({ type: 'rooms', rooms }),
  })
}

/** Of rooms whose recordings are kept on this computer. */
function bringTapes({ serverUrl, takesFolder }: HostConfig, nodeToken: () => string): HandoverRun {
  return new HandoverRun({
    client: createHandoverClient({ serverUrl, nodeToken, signal: closing.signal }),
    takesFolder,
    after: (delayMs, call) => {
      const timer = setTimeout(call, delayMs)
      return () => clearTimeout(timer)
    },
    log: lineLog,
  })
}

async function mend(takesFolder: string): Promise<void> {
  const onTrouble = (folder: string, err: unknown) => lineLog.warn({ err, folder }, 'a take cannot be closed')
  const takes = await recoverTakes(takesFolder, onTrouble)
  lineLog.info({ takes: takes.map(({ takeId }) => takeId) }, 'takes that a crash left open were closed')
  process.exit(0)
}

async function stop(): Promise<void> {
  closing.abort()
  await Promise.all([node?.close(), handover?.close()])
  process.exit(0)
}

process.parentPort.on('message', ({ data }) => {
  const message = toHostSchema.parse(data)
  switch (message.type) {
    case 'start':
      node ??= start(message.config)
      tell({ type: 'loaded' })
      return
    case 'mend':
      void mend(message.takesFolder)
      return
    case 'stop':
      void stop()
      return
  }
})

// Ctrl-C in a terminal reaches every process of the group; this one ends when main has said so.
process.on('SIGINT', () => {})
