import type { FastifyInstance } from 'fastify'

export interface HealthOptions {
  version: string
  registration: 'open' | 'closed'
  /** Where people of the world reach this server (ENGAWA_PUBLIC_URL); null: not told. */
  publicUrl: string | null
  /** Other addresses of this machine, for a phone on the same network. */
  lanUrls(): string[]
  databaseAnswers(): Promise<boolean>
  /** A relay is there, or none is to run here. */
  relayIsThere(): boolean
}

/** For machines that watch over us, and for clients that ask what they talk to. */
export function installHealth(app: FastifyInstance, options: HealthOptions): void {
  app.get('/healthz', (_request, reply) => reply.header('cache-control', 'no-store').send({ ok: true }))
  app.get('/readyz', async (_request, reply) => {
    const database = await options.databaseAnswers()
    const relay = options.relayIsThere()
    reply.status(database && relay ? 200 : 503).header('cache-control', 'no-store')
    return { ok: database && relay, database, relay }
  })
  app.get('/api/info', () => ({
    name: 'Engawa',
    version: options.version,
    registration: options.registration,
    publicUrl: options.publicUrl,
    lanUrls: options.lanUrls(),
  }))
}
