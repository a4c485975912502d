import type { HostingBridge, HostingStatus } from '../../electron/contract/bridge.ts'
import { useHosting } from '../stores/hosting.ts'

/** Keeps the store at what the desktop says. Returns the end. */
export function watchHosting(hosting: HostingBridge): () => void {
  const { setStatus } = useHosting.getState()
  let told = false
  const end = hosting.onStatus((status) => {
    told = true
    setStatus(status)
  })
  hosting.status().then(
    (status) => !told && setStatus(status),
    () => !told && setStatus({ state: 'off' }),
  )
  return end
}

/** Registering with the server takes well under a second; a computer under load may need this long. */
const HOSTING_START_TIMEOUT_MS = 20_000

/** Why this computer cannot run a room, in the desktop's own words. */
export class HostingError extends Error {
  override readonly name = 'HostingError'
}

/**
 * Starts hosting on this computer, or joins in where it runs already. Resolves with the node's id; rejects with
 * HostingError when the desktop gives up or takes longer than HOSTING_START_TIMEOUT_MS.
 */
export async function startHosting(
  hosting: HostingBridge,
  request: { serverUrl: string; nodeToken: string },
): Promise<string> {
  const first = nodeIdOf(await hosting.start(request))
  if (first !== null) return first
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      end()
      clearTimeout(timer)
      settle()
    }
    const timer = setTimeout(() => finish(() => reject(new HostingError('timeout'))), HOSTING_START_TIMEOUT_MS)
    const end = hosting.onStatus((status) => {
      try {
        const nodeId = nodeIdOf(status)
        if (nodeId !== null) finish(() => resolve(nodeId))
      } catch (error) {
        finish(() => reject(error))
      }
    })
  })
}

/** null while it is on its way; throws HostingError when it is not. */
export function nodeIdOf(status: HostingStatus): string | null {
  switch (status.state) {
    case 'hosting':
      return status.nodeId
    case 'failed':
      throw new HostingError(status.detail)
    case 'off':
    case 'starting':
    case 'restarting':
      return null
  }
}
