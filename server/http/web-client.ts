import { existsSync } from 'node:fs'
import path from 'node:path'
import staticFiles from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const YEAR_S = 365 * 24 * 3600

/**
 * The web client: files of `folder`, and its index.html for every other path that a browser opens (the page
 * has its own routes). Files under assets/ carry a hash in their name and never change.
 */
export async function installWebClient(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(staticFiles, {
    root: folder,
    serve: existsSync(folder),
    cacheControl: false,
    preCompressed: true,
    setHeaders: (reply, file) => {
      reply.header('cache-control', isHashed(folder, file) ? `public, max-age=${YEAR_S}, immutable` : 'no-cache')
    },
  })
  app.setNotFoundHandler((request, reply) => {
    if (!opensPage(request))
      return reply.status(404).send({ reason: 'input-invalid', message: 'There is nothing here.' })
    return sendPage(reply, folder)
  })
}

function isHashed(folder: string, file: string): boolean {
  return path.relative(folder, file).split(path.sep)[0] === 'assets'
}

function opensPage(request: FastifyRequest): boolean {
  const isPath = !/^\/(api|assets|healthz|readyz)(\/|\?|$)/.test(request.url)
  return request.method === 'GET' && isPath && (request.headers.accept?.includes('text/html') ?? false)
}

function sendPage(reply: FastifyReply, folder: string): FastifyReply {
  if (existsSync(path.join(folder, 'index.html'))) return reply.sendFile('index.html')
  reply.status(503).type('text/plain; charset=utf-8')
  return reply.send('The web client has not been built yet. Run: npm run build\n')
}
