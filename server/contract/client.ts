import { createTRPCClient, createWSClient, retryLink, type TRPCClient, TRPCClientError, wsLink } from '@trpc/client'
import { isReasonCode, Refusal } from '../../sfu-core/contract/reasons.ts'
import { promptWebSocket } from './prompt-web-socket.ts'
import type { AppRouter } from './router.ts'
import type { ErrorDetail } from './views.ts'

/** The typed API over one WebSocket that comes back by itself. Runs in the page and in Node; imports neither. */
export interface ServerClient {
  readonly api: TRPCClient<AppRouter>
  readonly connection: ConnectionState
  /** Drops the WebSocket and opens a new one with fresh credentials: after signing in or out, or when the network is back. */
  reconnect(): void
  /** Ends it for good. Idempotent. */
  close(): Promise<void>
}

/** `down`: tries again by itself, with growing pauses. */
export type ConnectionState = 'connecting' | 'up' | 'down' | 'closed'

/** Who is calling. A browser on the server's own origin needs none: its cookie speaks. */
export type Credentials = { authorization: string } | { relayKey: string } | { nodeToken: string }

export interface ServerClientOptions {
  /** The server's origin, e.g. `http://localhost:8420`. */
  url: string
  /** Asked at each (re)connection. */
  credentials?: () => Credentials | null | Promise<Credentials | null>
  /** Where there is no global WebSocket: that of `ws`. */
  WebSocketImpl?: typeof WebSocket
  onConnection?: (state: ConnectionState) => void
  /** The pause before the n-th try in a row to connect (0 is the first). */
  retryDelayMs?: (attempt: number) => number
  /** A server that says nothing is asked for a sign of life after `intervalMs`, and given up `timeoutMs` later. */
  keepAlive?: { intervalMs: number; timeoutMs: number }
}

const KEEP_ALIVE = { intervalMs: 5_000, timeoutMs: 3_000 }
const RETRY_FIRST_MS = 250
const RETRY_MAX_MS = 3_000
/** A question that got no answer because the line broke is asked again; a command never is. */
const QUERY_MAX_TRIES = 5

export function createServerClient(options: ServerClientOptions): ServerClient {
  const { credentials, onConnection } = options
  const retryDelayMs = options.retryDelayMs ?? defaultRetryDelayMs
  let state: ConnectionState = 'connecting'
  const become = (next: ConnectionState) => {
    if (state === next || state === 'closed') return
    state = next
    onConnection?.(next)
  }
  const { intervalMs, timeoutMs } = options.keepAlive ?? KEEP_ALIVE
  const socket = createWSClient({
    url: socketUrl(options.url),
    WebSocket: promptWebSocket(options.WebSocketImpl ?? WebSocket),
    retryDelayMs,
    keepAlive: { enabled: true, intervalMs, pongTimeoutMs: timeoutMs },
    ...(credentials ? { connectionParams: async () => ({ ...(await credentials()) }) } : {}),
  })
  const watch = socket.connectionState.subscribe({
    next: (news) => become(news.state === 'pending' ? 'up' : news.error === null ? 'connecting' : 'down'),
  })
  return {
    api: createTRPCClient<AppRouter>({ links: [retries(retryDelayMs), wsLink({ client: socket })] }),
    get connection() {
      return state
    },
    reconnect: () => socket.connection?.ws.close(),
    close: async () => {
      if (state === 'closed') return
      become('closed')
      watch.unsubscribe()
      await socket.close()
    },
  }
}

/** `http://host/` → `ws://host/api/trpc`. */
function socketUrl(origin: string): string {
  return `${origin.replace(/^http/, 'ws').replace(/\/+$/, '')}/api/trpc`
}

/** At once, then 0.25 s to 3 s, spread out so that all clients of a restarted server do not come in one moment. */
function defaultRetryDelayMs(attempt: number): number {
  if (attempt === 0) return 0
  const delayMs = Math.min(RETRY_FIRST_MS * 2 ** (attempt - 1), RETRY_MAX_MS)
  return delayMs * (0.75 + Math.random() / 2)
}

function retries(retryDelayMs: (attempt: number) => number) {
  return retryLink<AppRouter>({
    retry: ({ op, error, attempts }) => {
      if (op.type === 'mutation') return false
      const { reason } = errorDetail(error)
      if (op.type === 'subscription') return reason === 'server-error'
      return reason === 'server-error' && error.data == null && attempts < QUERY_MAX_TRIES
    },
    retryDelayMs,
  })
}

/** Why a call failed. What has no reason of its own (the line broke, a fault) is `server-error`. */
export function errorDetail(error: unknown): ErrorDetail {
  const detail =
    error instanceof TRPCClientError ? (error.data as { engawa?: Partial<ErrorDetail> } | null)?.engawa : null
  const reason = isReasonCode(detail?.reason) ? detail.reason : 'server-error'
  return { reason, retryAfterMs: detail?.retryAfterMs ?? null }
}

/** A failed call as the Refusal that the server threw. */
export function refusalFrom(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  return new Refusal(errorDetail(error).reason, error instanceof Error ? error.message : String(error))
}
