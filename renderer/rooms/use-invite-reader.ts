import { serverConnection } from '../app/server-connection.ts'
import { useServerInfo } from '../app/server-info.ts'
import { type PastedInvite, readInvite } from './invite-link.ts'

/** Reads what is pasted, for the server that this page belongs to. */
export function useInviteReader(): (pasted: string) => PastedInvite {
  const info = useServerInfo()
  return (pasted) => {
    const { serverUrl } = serverConnection()
    const known = [serverUrl, info?.publicUrl ?? serverUrl, ...(info?.lanUrls ?? [])]
    return readInvite(pasted, known)
  }
}
