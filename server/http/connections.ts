import type { FastifyRequest } from 'fastify'
import { nanoid } from 'nanoid'
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import type { Connection, NodeCredential } from '../call-context.ts'
import type { NowMs } from '../clock.ts'
import type { Person } from '../contract/views.ts'
import { databaseGone, isDatabaseGone } from '../db/database-errors.ts'
import { SESSION_CACHE_MS } from '../limits.ts'
import type { Auth } from '../people/auth.ts'
import type { RateLimits } from '../rate-limits.ts'
import { isSameText } from '../rooms/visibility.ts'
import type { Tokens } from '../tokens.ts'

export interface ConnectionsDeps {
  auth: Auth
  tokens: Tokens
  limits: RateLimits
  relayKey: string
  /** A monotonic clock: a step of the wall clock must not keep a session that has ended. */
  steadyMs: NowMs
  log: Logger
}

/** What a client sends first on a WebSocket (tRPC's connectionParams). */
export type ConnectionParams = Record<string, string | undefined> | null

/** Who speaks on a WebSocket. */
export async function webSocketConnection(
  deps: ConnectionsDeps,
  link: { request: FastifyRequest; socket: WebSocket },
  params: ConnectionParams,
): Promise<Connection> {
  const nodeCredential = await nodeCredentialIn(deps, params)
  const id = nanoid()
  return {
    id,
    kind: 'websocket',
    address: link.request.ip,
    nodeCredential,
    person: personLookup(deps, sessionHeaders(link.request, params?.['authorization'])),
    countCall: callCounter(deps.limits, id, nodeCredential),
    isOpen: () => link.socket.readyState === link.socket.OPEN,
    unsentBytes: () => link.socket.bufferedAmount,
  }
}

/** A relay is the operator's own. A desktop node is anybody's who has an account, and its lines count as one. */
export function callCounter(
  limits: Pick<RateLimits, 'call' | 'nodeCall'>,
  connectionId: string,
  credential: NodeCredential | null,
): () => Promise<void> {
  if (credential?.kind === 'relay') return async () => {}
  if (credential?.kind === 'desktop') return () => limits.nodeCall(credential.nodeId)
  return () => limits.call(connectionId)
}

/** Who asks by HTTP. HTTP has its own limit of requests, and nothing is streamed. */
export function httpConnection(deps: ConnectionsDeps, request: FastifyRequest): Connection {
  return {
    id: request.id,
    kind: 'http',
    address: request.ip,
    nodeCredential: null,
    person: personLookup(deps, sessionHeaders(request, undefined)),
    countCall: async () => {},
    isOpen: () => true,
    unsentBytes: () => 0,
  }
}

/** Only what says who it is. A bearer token of connectionParams stands for the header that a WebSocket cannot send. */
function sessionHeaders(request: FastifyRequest, bearer: string | undefined): Headers {
  const headers = new Headers()
  const { cookie } = request.headers
  const authorization = bearer ?? request.headers.authorization
  if (cookie !== undefined) headers.set('cookie', cookie)
  if (authorization !== undefined) headers.set('authorization', authorization)
  return headers
}

/** Looks the session up when it is asked for, and again after some seconds: signing out works on open connections too. */
function personLookup({ auth, steadyMs, log }: ConnectionsDeps, headers: Headers): () => Promise<Person | null> {
  let known: { person: Person | null; untilMs: number } | null = null
  return async () => {
    if (!headers.has('cookie') && !headers.has('authorization')) return null
    if (known !== null && steadyMs() < known.untilMs) return known.person
    try {
      const person = await auth.whoIs(headers)
      known = { person, untilMs: steadyMs() + SESSION_CACHE_MS }
      return person
    } catch (error) {
      // better-auth hides the cause of most; a session that cannot be read has one: the database.
      if (!isDatabaseGone(error)) log.warn({ err: error }, 'a session cannot be looked up')
      throw databaseGone()
    }
  }
}

async function nodeCredentialIn(deps: ConnectionsDeps, params: ConnectionParams): Promise<NodeCredential | null> {
  const relayKey = params?.['relayKey']
  const nodeToken = params?.['nodeToken']
  if (relayKey !== undefined) return relayCredential(relayKey, deps.relayKey)
  if (nodeToken === undefined) return null
  try {
    return { kind: 'desktop', ...(await deps.tokens.node.verify(nodeToken)) }
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', reason: error.code, message: error.message }
    throw error
  }
}

function relayCredential(shown: string, relayKey: string): NodeCredential {
  if (isSameText(shown, relayKey)) return { kind: 'relay' }
  return { kind: 'refused', reason: 'not-allowed', message: 'That relay key is not this server’s.' }
}
