import type { DesktopBridge, HostingStatus } from '../../electron/contract/bridge.ts'
import type { RoomView } from '../../server/contract/views.ts'
import type { ServerConnection } from './server-connection.ts'

/** The account's rooms that this computer runs now. Empty in a browser. Rejects as the API does. */
export async function roomsHostedHere(
  connection: ServerConnection,
  bridge: DesktopBridge | null,
): Promise<readonly RoomView[]> {
  if (bridge === null) return []
  const here = nodeHere(await bridge.hosting.status())
  if (here === null) return []
  const rooms = await connection.client.rooms.mine.query()
  return rooms.filter(({ nodeId, status }) => nodeId === here && status === 'live')
}

/** null: this computer has no node that could have a room. */
function nodeHere(status: HostingStatus): string | null {
  return status.state === 'hosting' || status.state === 'restarting' ? status.nodeId : null
}

/** Ends the rooms, so that nobody waits in them for a computer that does not come back, and then the node. */
export async function endHosting(
  connection: ServerConnection,
  bridge: DesktopBridge | null,
  rooms: readonly RoomView[],
): Promise<void> {
  for (const { roomId } of rooms) await connection.client.rooms.end.mutate({ roomId })
  await bridge?.hosting.stop()
}
