import type { DesktopBridge } from '../../electron/contract/bridge.ts'
import { usePerson } from '../stores/person.ts'
import { computerKey } from './computer-key.ts'
import type { ServerConnection } from './server-connection.ts'

/** So often it is asked whether something waits: guests may send what they recorded hours later. */
const LOOK_INTERVAL_MS = 60_000

export interface BringTapesOptions {
  connection: ServerConnection
  bridge: DesktopBridge
  computer: string
}

/**
 * Recordings that are kept on this computer alone, and came to the server while it was off, are fetched by the hosting process: it is
 * started for them. Answers whether it was. Rejects as the API does.
 */
export async function bringTapesHere({ connection, bridge, computer }: BringTapesOptions): Promise<boolean> {
  const { client, serverUrl } = connection
  const { state } = await bridge.hosting.status()
  if (state !== 'off') return false
  const { tapes } = await client.nodes.waiting.query({ name: computer })
  if (tapes === 0) return false
  const { nodeToken } = await client.nodes.enroll.mutate({ name: computer })
  await bridge.hosting.start({ serverUrl, nodeToken })
  return true
}

/** Looks while somebody is signed in. */
export function watchTapesForHere(connection: ServerConnection, bridge: DesktopBridge): void {
  const look = () => {
    if (usePerson.getState().identity.state !== 'person') return
    // Asked again soon: a line that is down, or a server that is busy, is no reason to tell anybody.
    bringTapesHere({ connection, bridge, computer: computerKey() }).catch(() => undefined)
  }
  usePerson.subscribe(({ identity }, before) => identity.state !== before.identity.state && look())
  setInterval(look, LOOK_INTERVAL_MS)
}
