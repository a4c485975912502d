import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DATABASE_GONE_SENTENCE } from '../db/database-errors.ts'
import { ADDRESS_HEADER, AUTH_PATH, type Auth } from '../people/auth.ts'

/** better-auth speaks in Request and Response; this carries them. */
export function installAuth(app: FastifyInstance, auth: Auth): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    scope.route({
      method: ['GET', 'POST'],
      url: `${AUTH_PATH}/*`,
      handler: async (request, reply) => send(reply, await answer(auth, request)),
    })
  })
}

async function answer(auth: Auth, request: FastifyRequest): Promise<Response> {
  try {
    const response = await auth.handle(requestFor(request))
    return response.status < 500 ? response : serverError()
  } catch (error) {
    request.log.warn({ err: error }, 'better-auth failed')
    return serverError()
  }
}

/** In better-auth's form: `code` and `message`. */
function serverError(): Response {
  return Response.json({ code: 'SERVER_ERROR', message: DATABASE_GONE_SENTENCE }, { status: 503 })
}

function requestFor(request: FastifyRequest): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string') headers.set(name, value)
  }
  headers.set(ADDRESS_HEADER, request.ip)
  const url = `${request.protocol}://${request.host}${request.url}`
  const hasBody = typeof request.body === 'string'
  return new Request(url, { method: request.method, headers, ...(hasBody ? { body: String(request.body) } : {}) })
}

async function send(reply: FastifyReply, response: Response): Promise<FastifyReply> {
  reply.status(response.status).header('cache-control', 'no-store')
  response.headers.forEach((value, name) => {
    if (name !== 'set-cookie') reply.header(name, value)
  })
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) reply.header('set-cookie', cookies)
  return reply.send(await response.text())
}
