import type { DesktopBridge } from '../../electron/contract/bridge.ts'
import type { RoomView } from '../../server/contract/views.ts'
import { nodeIdSchema } from '../../sfu-core/contract/ids.ts'
import { nodeIdOf, startHosting } from '../app/hosting.ts'
import type { ServerConnection } from '../app/server-connection.ts'

/** How far going live has come. */
export type GoLiveStep = 'enrolling' | 'starting' | 'opening'

export interface GoLiveOptions {
  connection: ServerConnection
  /** null in a browser. */
  bridge: DesktopBridge | null
  room: RoomView
  /** How this computer is called where it holds recordings. */
  nodeName: string
  onStep: (step: GoLiveStep) => void
}

/**
 * Opens the room. A room on this computer first needs the server's permission and a running node. Rejects with
 * HostingError where this computer cannot, and with the server's refusal.
 */
export async function goLive(options: GoLiveOptions): Promise<RoomView> {
  const { connection, room, onStep } = options
  if (room.hosting === 'relay' || options.bridge === null) {
    onStep('opening')
    return connection.client.rooms.goLive.mutate({ roomId: room.roomId })
  }
  const nodeId = nodeIdSchema.parse(await ownNode(options, options.bridge))
  onStep('opening')
  return connection.client.rooms.goLive.mutate({ roomId: room.roomId, nodeId })
}

async function ownNode({ connection, nodeName, onStep }: GoLiveOptions, bridge: DesktopBridge): Promise<string> {
  const running = await runningNode(bridge)
  if (running !== null) return running
  onStep('enrolling')
  const { nodeToken } = await connection.client.nodes.enroll.mutate({ name: nodeName })
  onStep('starting')
  return startHosting(bridge.hosting, { serverUrl: connection.serverUrl, nodeToken })
}

async function runningNode(bridge: DesktopBridge): Promise<string | null> {
  const status = await bridge.hosting.status()
  // A node that failed is started anew; only a living one is reused.
  return status.state === 'failed' ? null : nodeIdOf(status)
}
