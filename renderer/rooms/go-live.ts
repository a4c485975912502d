import type { DesktopBridge } from '../../electron/contract/bridge.ts'
import type { RoomView } from '../../server/contract/views.ts'
import { nodeIdSchema } from '../../sfu-core/contract/ids.ts'
import { startHosting } from '../app/hosting.ts'
import type { ServerConnection } from '../app/server-connection.ts'

/** How far going live has come. */
export type GoLiveStep = 'enrolling' | 'starting' | 'opening'

export interface GoLiveOptions {
  connection: ServerConnection
  /** null in a browser. */
  bridge: DesktopBridge | null
  room: RoomView
  /** Tells this computer from the account's others; see app/computer-key.ts. */
  computer: string
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

/** The account's node on this computer. One that runs here for another account is ended first. */
async function ownNode({ connection, computer, onStep }: GoLiveOptions, bridge: DesktopBridge): Promise<string> {
  onStep('enrolling')
  const { nodeId, nodeToken } = await connection.client.nodes.enroll.mutate({ name: computer })
  const { hosting } = bridge
  const status = await hosting.status()
  if (status.state === 'hosting' && status.nodeId === nodeId) return nodeId
  onStep('starting')
  if (status.state === 'hosting') await hosting.stop()
  const request = { serverUrl: connection.serverUrl, nodeToken }
  const started = await startHosting(hosting, request)
  if (started === nodeId) return nodeId
  // What was already on its way was another account's.
  await hosting.stop()
  return startHosting(hosting, request)
}
