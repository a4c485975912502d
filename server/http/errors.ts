import { getTRPCErrorFromUnknown, TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/unstable-core-do-not-import'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { type Told, tell, trpcErrorFor } from '../refusals.ts'

/** Answers to requests that end before a procedure or a rule is reached, or in a route of our own. */
export function installErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const told = toldFor(error)
    if (told.fault) request.log.error({ err: error }, 'a request failed')
    else request.log.debug({ reason: told.detail.reason }, told.message)
    return answer(request, reply, { told, status: statusFor(error, told) })
  })
}

interface Failure {
  told: Told
  status: number
}

function answer(request: FastifyRequest, reply: FastifyReply, { told, status }: Failure): FastifyReply {
  const { detail, message } = told
  if (detail.retryAfterMs !== null) reply.header('retry-after', Math.ceil(detail.retryAfterMs / 1_000))
  reply.status(status)
  if (!request.url.startsWith('/api/trpc/')) return reply.send({ ...detail, message })
  // What a tRPC client understands (https://trpc.io/docs/rpc).
  const code = status === 429 ? 'TOO_MANY_REQUESTS' : status === 413 ? 'PAYLOAD_TOO_LARGE' : 'BAD_REQUEST'
  const data = { code, httpStatus: status, engawa: detail }
  return reply.send({ error: { message, code: TRPC_ERROR_CODES_BY_KEY[code], data } })
}

function toldFor(error: FastifyError | Error): Told {
  if (error instanceof Refusal) return tell(trpcErrorFor(error))
  const status = 'statusCode' in error ? error.statusCode : undefined
  if (status === 429) return plain('too-many-requests', 'Too many requests. Try again in a while.')
  if (status === 413) return plain('message-too-large', 'The message is too large.')
  if (status !== undefined && status >= 400 && status < 500) return plain('input-invalid', error.message)
  return tell(getTRPCErrorFromUnknown(error))
}

function plain(reason: Told['detail']['reason'], message: string): Told {
  return { detail: { reason, retryAfterMs: null }, message, fault: false }
}

const STATUS: Partial<Record<Told['detail']['reason'], number>> = {
  'sign-in-needed': 401,
  'token-malformed': 401,
  'token-expired': 401,
  'token-altered': 401,
  'token-wrong-audience': 401,
  'not-allowed': 403,
  'room-not-found': 404,
  'message-too-large': 413,
  'too-many-requests': 429,
  'server-error': 503,
  'disk-full': 507,
  'server-disk-full': 507,
  'timed-out': 408,
  'chunk-conflict': 409,
  'chunk-damaged': 422,
  'quota-exceeded': 507,
}

function statusFor(error: FastifyError | Error, told: Told): number {
  if (told.fault) return 500
  if (!(error instanceof Refusal) && 'statusCode' in error && error.statusCode !== undefined) return error.statusCode
  return STATUS[told.detail.reason] ?? 400
}
