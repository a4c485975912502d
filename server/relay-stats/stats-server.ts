import helmet from '@fastify/helmet'
import fastify, { type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { systemCodeOf } from '../start-problem.ts'
import { loadStatsPage } from './stats-page.ts'
import { NotStartedYet, type StatsSource } from './stats-source.ts'

/** The page for the owner of a node, on this machine alone. */
export interface StatsServer {
  readonly url: string
  /** Idempotent. */
  close(): Promise<void>
}

export interface StatsServerOptions {
  source: StatsSource
  /** 0: any free one. */
  port: number
  log: Pick<Logger, 'info' | 'warn'>
}

const LOOPBACK = '127.0.0.1'

/**
 * Serves the page, what it shows (`/view.json`), and the whole dump (`/stats.json`). A port that is taken is no reason to have no
 * page, nor is anything here a reason to have no sound: it takes any free port then, or is null.
 */
export async function startStatsServer(options: StatsServerOptions): Promise<StatsServer | null> {
  const { log, source, port } = options
  try {
    const app = await createApp(options)
    await listen(app, port)
    const url = `http://${LOOPBACK}:${portOf(app)}/`
    log.info({ url }, `the stats page is at ${url}`)
    let closed: Promise<void> | null = null
    return {
      url,
      close: () => {
        source.close()
        closed ??= app.close()
        return closed
      },
    }
  } catch (error) {
    log.warn({ err: error }, 'there is no stats page')
    return null
  }
}

async function listen(app: FastifyInstance, port: number): Promise<void> {
  try {
    await app.listen({ host: LOOPBACK, port })
  } catch (error) {
    if (port === 0 || systemCodeOf(error) !== 'EADDRINUSE') throw error
    await app.listen({ host: LOOPBACK, port: 0 })
  }
}

function portOf(app: FastifyInstance): number {
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function createApp({ source, log }: StatsServerOptions): Promise<FastifyInstance> {
  const page = loadStatsPage()
  const app = fastify({ forceCloseConnections: true })
  refuseOtherNames(app)
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: page.scriptHashes,
        styleSrc: page.styleHashes,
        imgSrc: ['data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Plain HTTP on loopback.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
  })
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof NotStartedYet) return reply.code(503).send({ error: 'not-started' })
    log.warn({ err: error }, 'the figures of the stats page could not be made')
    return reply.code(500).send({ error: 'failed' })
  })
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
  })
  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page.html))
  app.get('/view.json', async () => source.view())
  app.get('/stats.json', async () => source.dump())
  return app
}

/**
 * DNS rebinding: a hostile page's own name, pointed at 127.0.0.1, would make this server the page's own. Its requests
 * still say that name.
 */
function refuseOtherNames(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const port = portOf(app)
    const names = [LOOPBACK, 'localhost', '[::1]'].map((name) => `${name}:${port}`)
    if (names.includes(request.headers.host?.toLowerCase() ?? '')) return
    const words = `Open this page by its own address: http://${LOOPBACK}:${port}/\n`
    return reply.code(421).type('text/plain; charset=utf-8').send(words)
  })
}
