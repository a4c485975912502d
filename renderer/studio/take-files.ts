import { useEffect } from 'react'
import type { TakeId } from '../../sfu-core/contract/ids.ts'
import { desktopBridge } from '../app/desktop.ts'
import { serverConnection } from '../app/server-connection.ts'
import { type LoadHandle, useLoad } from '../app/use-load.ts'

/** The server's tickets hold an hour; links on a page that stays open get new ones in time. */
const TICKET_RENEW_INTERVAL_MS = 45 * 60_000

/** Addresses of a take's files, for `src` and `href`. */
export interface TakeFiles {
  /** A track of the room's recording, or the take's manifest. */
  track(file: string): string
  archive: string
  /** A file of the studio: a lossless track, its peaks, the report. */
  studio(file: string): string
  /** What a job made. */
  render(jobId: string, name: string): string
}

/**
 * In a browser the cookie opens the files. The desktop app's page has another origin, where media elements and
 * downloads cannot carry the bearer token: there a ticket in the address does.
 */
export function useTakeFiles(takeId: TakeId): LoadHandle<TakeFiles> {
  const handle = useLoad(`ticket ${takeId}`, async (): Promise<TakeFiles> => {
    const { client, serverUrl } = serverConnection()
    const ticket = desktopBridge() === null ? null : (await client.takes.ticket.query({ takeId })).ticket
    const query = ticket === null ? '' : `?ticket=${encodeURIComponent(ticket)}`
    const base = `${serverUrl}/api/takes/${takeId}`
    return {
      track: (file) => `${base}/files/${encodeURIComponent(file)}${query}`,
      archive: `${base}/archive${query}`,
      studio: (file) => `${base}/studio/${encodeURIComponent(file)}${query}`,
      render: (jobId, name) => `${base}/renders/${jobId}/${encodeURIComponent(name)}${query}`,
    }
  })
  const { reload } = handle
  useEffect(() => {
    if (desktopBridge() === null) return
    const timer = setInterval(reload, TICKET_RENEW_INTERVAL_MS)
    return () => clearInterval(timer)
  }, [reload])
  return handle
}
