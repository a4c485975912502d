import * as z from 'zod'
import { serverConnection } from './server-connection.ts'
import { type LoadHandle, useLoad } from './use-load.ts'

const serverInfoSchema = z.object({
  version: z.string(),
  registration: z.enum(['open', 'closed']),
  /** Addresses under which others of the same network reach the server. */
  lanUrls: z.array(z.string()),
})
export type ServerInfo = z.infer<typeof serverInfoSchema>

/** What the server says of itself at /api/info. */
export function useServerInfo(): LoadHandle<ServerInfo> {
  return useLoad('server info', async () => {
    const response = await serverConnection().request('/api/info')
    return serverInfoSchema.parse(await response.json())
  })
}
