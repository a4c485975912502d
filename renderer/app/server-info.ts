import { useEffect } from 'react'
import { create } from 'zustand'
import { serverConnection } from './server-connection.ts'
import { useLoad } from './use-load.ts'

export interface ServerInfo {
  registration: 'open' | 'closed'
  /** Addresses under which others of the same network reach the server. */
  lanUrls: readonly string[]
  /** The address by which everybody reaches the server, where its keeper has set one. */
  publicUrl: string | null
}

const useStore = create<{ info: ServerInfo | null }>(() => ({ info: null }))

/** What the server says of itself at /api/info; null until it has answered. */
export function useServerInfo(): ServerInfo | null {
  return useStore((state) => state.info)
}

/** The origin with which links for other people begin: the public address, else the one that this page talks to. */
export function useInviteOrigin(): string {
  const publicUrl = useServerInfo()?.publicUrl ?? null
  return publicUrl ?? serverConnection().serverUrl
}

/** Asks for it; once, for the whole page. */
export function useLoadServerInfo(): void {
  const { loaded } = useLoad('server info', async () => {
    const response = await serverConnection().request('/api/info')
    return readServerInfo(await response.json())
  })
  useEffect(() => {
    if (loaded.state === 'ready') useStore.setState({ info: loaded.value })
  }, [loaded])
}

/** Of an answer that is not as expected, what is missing counts as not set. By hand: a listener need not load zod for it. */
export function readServerInfo(body: unknown): ServerInfo {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  const lanUrls = Array.isArray(fields['lanUrls']) ? fields['lanUrls'] : []
  return {
    registration: fields['registration'] === 'closed' ? 'closed' : 'open',
    lanUrls: lanUrls.map(originOf).filter((origin) => origin !== null),
    publicUrl: originOf(fields['publicUrl']),
  }
}

function originOf(value: unknown): string | null {
  if (typeof value !== 'string' || !URL.canParse(value)) return null
  const { protocol, origin } = new URL(value)
  return protocol === 'https:' || protocol === 'http:' ? origin : null
}
