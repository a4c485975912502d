import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { DESKTOP_ORIGIN } from '../../electron/contract/bridge.ts'
import { Refusal } from '../../sfu-core/contract/reasons.ts'
import { HANDOVER_PATH } from '../contract/handover.ts'
import { TAPE_CHUNK_HEADER } from '../contract/inputs.ts'
import { WAVEFORM_STYLE_HASH } from '../contract/page-styles.ts'
import { HTTP_REQUESTS_PER_ADDRESS_PER_MINUTE } from '../limits.ts'
import { mayCall } from '../origins.ts'
import { addressKey } from '../rate-limits.ts'
import { TAPES_PATH } from '../tapes/tapes.http.ts'

/** What the page may load and do. Everything comes from here; sound from the room and from recordings. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'self'"],
  connectSrc: ["'self'", 'ws:', 'wss:'],
  workerSrc: ["'self'"],
  mediaSrc: ["'self'", 'blob:', 'mediastream:'],
  imgSrc: ["'self'", 'data:'],
  styleSrc: ["'self'", WAVEFORM_STYLE_HASH],
  scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
  frameAncestors: ["'none'"],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
}

const PERMISSIONS_POLICY = 'microphone=(self), speaker-selection=(self), camera=(), geolocation=(), payment=(), usb=()'
const UNSAFE_METHODS = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

export async function installSecurity(app: FastifyInstance, publicUrl: string | null): Promise<void> {
  const isHttps = publicUrl?.startsWith('https:') ?? false
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: CONTENT_SECURITY_POLICY },
    // Where Engawa is reached by plain HTTP on the LAN, browsers ignore these two and complain.
    strictTransportSecurity: isHttps,
    crossOriginOpenerPolicy: isHttps,
    originAgentCluster: isHttps,
    referrerPolicy: { policy: 'no-referrer' },
  })
  await app.register(cors, {
    origin: [DESKTOP_ORIGIN],
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', TAPE_CHUNK_HEADER],
    exposedHeaders: ['set-auth-token', 'x-retry-after', 'retry-after'],
    maxAge: 600,
  })
  await app.register(rateLimit, {
    max: HTTP_REQUESTS_PER_ADDRESS_PER_MINUTE,
    timeWindow: 60_000,
    keyGenerator: (request) => addressKey(request.ip),
    allowList: ({ url }) => !url.startsWith('/api/') || HAS_LIMITS_OF_ITS_OWN.some((path) => url.startsWith(path)),
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('permissions-policy', PERMISSIONS_POLICY)
    assertOrigin(request, publicUrl)
  })
}

/** Sixteen speakers with two tapes each send eight chunks a second, and a host's own computer asks twice for each. */
const HAS_LIMITS_OF_ITS_OWN = [TAPES_PATH, HANDOVER_PATH]

/** Another site's page may neither change anything with our people's cookies nor open a WebSocket with them. */
function assertOrigin(request: FastifyRequest, publicUrl: string | null): void {
  const changes = UNSAFE_METHODS.has(request.method) || request.headers.upgrade !== undefined
  if (!changes || mayCall({ origin: request.headers.origin, host: request.host }, publicUrl)) return
  throw new Refusal('not-allowed', 'Pages of other sites may not call this server.')
}
