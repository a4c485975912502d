import fastify, { type FastifyInstance, LogController } from 'fastify'
import { nanoid } from 'nanoid'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { HTTP_BODY_MAX_BYTES } from '../limits.ts'
import { urlForLog } from '../log.ts'
import type { Auth } from '../people/auth.ts'
import type { Studio } from '../studio/start-studio.ts'
import { installTakes, type TakesRouteOptions } from '../takes/takes.http.ts'
import { type HandoverRouteOptions, installHandover } from '../tapes/handover.http.ts'
import { installTapes, type TapesRouteOptions } from '../tapes/tapes.http.ts'
import { installAuth } from './auth-route.ts'
import { installErrors } from './errors.ts'
import { type HealthOptions, installHealth } from './health.ts'
import { installSecurity } from './security.ts'
import { installTrpc, type TrpcRouteOptions } from './trpc-route.ts'
import { installWebClient } from './web-client.ts'

export interface WebServerOptions {
  config: Pick<Config, 'publicUrl' | 'trustProxy'>
  log: Logger
  auth: Auth
  trpc: TrpcRouteOptions
  takes: TakesRouteOptions
  tapes: TapesRouteOptions
  handover: HandoverRouteOptions
  studio: Pick<Studio, 'install'>
  health: HealthOptions
  /** Of the built web client. */
  webFolder: string
}

/** Everything that is reached by HTTP, on one port; not listening yet. */
export async function createWebServer(options: WebServerOptions): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => nanoid(10),
    trustProxy: proxiesIn(options.config.trustProxy),
    bodyLimit: HTTP_BODY_MAX_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 5_000 },
  }) as unknown as FastifyInstance
  installErrors(app)
  logRequests(app)
  await installSecurity(app, options.config.publicUrl)
  await installTrpc(app, options.trpc)
  installAuth(app, options.auth)
  installHealth(app, options.health)
  await installWebClient(app, options.webFolder)
  installTakes(app, options.takes)
  installTapes(app, options.tapes)
  installHandover(app, options.handover)
  options.studio.install(app, options.takes)
  return app
}

/** A number means that many proxies, counted from us outward. */
function proxiesIn(trust: Config['trustProxy']): boolean | string | ((address: string, hop: number) => boolean) {
  return typeof trust === 'number' ? (_address, hop) => hop < trust : trust
}

function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    const level = reply.statusCode >= 500 ? 'warn' : 'debug'
    request.log[level](
      {
        method: request.method,
        url: urlForLog(request.url),
        status: reply.statusCode,
        address: request.ip,
        tookMs: Math.round(reply.elapsedTime),
      },
      'request',
    )
    done()
  })
}
