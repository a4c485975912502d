import webSocket from '@fastify/websocket'
import type { TRPCError } from '@trpc/server'
import { type FastifyTRPCPluginOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify'
import { getWSConnectionHandler } from '@trpc/server/adapters/ws'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { WebSocket, WebSocketServer } from 'ws'
import { MESSAGE_MAX_BYTES } from '../../sfu-core/contract/limits.ts'
import { BATCH_MAX_CALLS } from '../limits.ts'
import { tell } from '../refusals.ts'
import type { AppRouter } from '../router.ts'
import { type ConnectionsDeps, httpConnection, webSocketConnection } from './connections.ts'

export interface TrpcRouteOptions {
  router: AppRouter
  connections: ConnectionsDeps
  /** Called when a WebSocket has ended. */
  onClosed(connectionId: string): void
}

const TRPC_PATH = '/api/trpc'
/** A browser that vanished without a word (a lid closed) is let go of after a minute at most. */
const KEEP_ALIVE = { enabled: true, pingMs: 30_000, pongWaitMs: 10_000 }

/** The API: single calls by HTTP, everything by WebSocket. */
export async function installTrpc(app: FastifyInstance, options: TrpcRouteOptions): Promise<void> {
  await app.register(webSocket, { options: { maxPayload: MESSAGE_MAX_BYTES, perMessageDeflate: false } })
  await app.register(async (scope) => {
    await scope.register(fastifyTRPCPlugin, {
      prefix: TRPC_PATH,
      trpcOptions: {
        router: options.router,
        maxBatchSize: BATCH_MAX_CALLS,
        createContext: ({ req }) => ({ connection: httpConnection(options.connections, req) }),
        onError: ({ error, path, req }) => report(req, path, error),
      },
    } satisfies FastifyTRPCPluginOptions<AppRouter>)
  })
  app.get(
    TRPC_PATH,
    { websocket: true, preValidation: (request) => options.connections.limits.connect(request.ip) },
    (socket, request) => serveSocket({ ...options, wss: app.websocketServer }, { socket, request }),
  )
}

function serveSocket(
  options: TrpcRouteOptions & { wss: WebSocketServer },
  { socket, request }: { socket: WebSocket; request: FastifyRequest },
): void {
  let connectionId: string | null = null
  socket.once('close', () => {
    if (connectionId !== null) options.onClosed(connectionId)
  })
  const serve = getWSConnectionHandler<AppRouter>({
    router: options.router,
    wss: options.wss,
    keepAlive: KEEP_ALIVE,
    createContext: async ({ info }) => {
      const connection = await webSocketConnection(options.connections, { request, socket }, info.connectionParams)
      connectionId = connection.id
      return { connection }
    },
    onError: ({ error, path }) => report(request, path, error),
  })
  serve(socket, request.raw)
}

/** Refusals are everyday life; faults are ours. */
function report(request: FastifyRequest, path: string | undefined, error: TRPCError): void {
  const told = tell(error)
  if (told.fault) request.log.error({ err: error.cause ?? error, path }, 'a call failed')
  else request.log.debug({ path, reason: told.detail.reason }, told.message)
}
