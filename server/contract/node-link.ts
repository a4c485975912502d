import type {
  Heartbeat,
  NodeAnswer,
  NodeLink,
  NodeLinkHandlers,
  NodeRequest,
  RoomPublication,
} from '../../sfu-core/contract/node-protocol.ts'
import { type ReasonCode, Refusal } from '../../sfu-core/contract/reasons.ts'
import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import { type ConnectionState, createServerClient, refusalFrom, type ServerClient } from './client.ts'

/** A node's line to its server over tRPC: comes back for ever, and registers each time. */
export interface NodeLinkOptions {
  /** The server's origin. */
  url: string
  credential: { relayKey: string } | { nodeToken: string }
  WebSocketImpl?: typeof WebSocket
  /** A fresh permission to register, to be kept for the next start. */
  onNodeToken?: (nodeToken: string) => void
}

/** No use to try again with the same credential. */
const FINAL_REASONS: ReadonlySet<ReasonCode> = new Set([
  'not-allowed',
  'sign-in-needed',
  'replaced',
  'token-malformed',
  'token-expired',
  'token-altered',
  'token-wrong-audience',
])
/** The line is lost within 4 s of silence: the server lets go of the node after 3 s. */
const KEEP_ALIVE = { intervalMs: 2_000, timeoutMs: 2_000 }
const REGISTER_RETRY_MS = 1_000
const RECONNECT_FIRST_MS = 100
const RECONNECT_MAX_MS = 1_000
/** Publications that the server has not taken yet. More means that it is stuck: the line is made anew. */
const PUBLICATIONS_IN_FLIGHT_MAX = 2_000

export function createNodeLink(options: NodeLinkOptions): NodeLink {
  return new TrpcNodeLink(options)
}

class TrpcNodeLink implements NodeLink {
  readonly #options: NodeLinkOptions
  #credential: NodeLinkOptions['credential']
  #handlers: NodeLinkHandlers | null = null
  #client: ServerClient | null = null
  /** Counts registrations: what belongs to an earlier one is dropped. */
  #turn = 0
  #isUp = false
  #isClosed = false
  #inFlight = 0
  #stopRequests: (() => void) | null = null
  #retryTimer: ReturnType<typeof setTimeout> | undefined

  constructor(options: NodeLinkOptions) {
    this.#options = options
    this.#credential = options.credential
  }

  open(handlers: NodeLinkHandlers): void {
    if (this.#client !== null || this.#isClosed) return
    this.#handlers = handlers
    handlers.onState({ state: 'connecting' })
    this.#client = createServerClient({
      url: this.#options.url,
      credentials: () => this.#credential,
      keepAlive: KEEP_ALIVE,
      retryDelayMs: (attempt) => Math.min(RECONNECT_FIRST_MS * 2 ** Math.min(attempt, 10), RECONNECT_MAX_MS),
      onConnection: (state) => this.#onConnection(state),
      ...(this.#options.WebSocketImpl ? { WebSocketImpl: this.#options.WebSocketImpl } : {}),
    })
  }

  async publish(publication: RoomPublication): Promise<void> {
    const client = this.#clientWhileUp()
    if (this.#inFlight >= PUBLICATIONS_IN_FLIGHT_MAX) {
      client.reconnect()
      throw lineDown()
    }
    this.#inFlight += 1
    try {
      await client.api.nodes.publish.mutate(publication)
    } catch (error) {
      const refusal = this.#onCallFailed(error)
      // A publication is missing there: registering anew brings whole states.
      if (refusal.code === 'input-invalid' && this.#isUp) void this.#register()
      throw refusal
    } finally {
      this.#inFlight -= 1
    }
  }

  async heartbeat(heartbeat: Heartbeat): Promise<void> {
    try {
      const { nodeToken } = await this.#clientWhileUp().api.nodes.heartbeat.mutate(heartbeat)
      this.#keepToken(nodeToken)
    } catch (error) {
      throw this.#onCallFailed(error)
    }
  }

  async reportTake(manifest: TakeManifest): Promise<void> {
    try {
      await this.#clientWhileUp().api.nodes.reportTake.mutate(manifest)
    } catch (error) {
      throw this.#onCallFailed(error)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#goDown()
    await this.#client?.close()
  }

  #onConnection(state: ConnectionState): void {
    if (state === 'up') {
      void this.#register()
      return
    }
    const wasUp = this.#isUp
    this.#goDown()
    if (wasUp && !this.#isClosed) this.#handlers?.onState({ state: 'connecting' })
  }

  #goDown(): void {
    this.#turn += 1
    this.#isUp = false
    clearTimeout(this.#retryTimer)
    this.#stopRequests?.()
    this.#stopRequests = null
  }

  async #register(): Promise<void> {
    const [client, handlers] = [this.#client, this.#handlers]
    if (client === null || handlers === null || this.#isClosed) return
    this.#goDown()
    const turn = this.#turn
    try {
      const welcome = await client.api.nodes.register.mutate(handlers.registration)
      if (turn !== this.#turn) return
      this.#keepToken(welcome.nodeToken)
      this.#isUp = true
      await handlers.onWelcome(welcome)
      if (turn !== this.#turn) return
      this.#listen(client, handlers)
      handlers.onState({ state: 'up', nodeId: welcome.nodeId })
    } catch (error) {
      if (turn === this.#turn) this.#onRegisterFailed(refusalFrom(error))
    }
  }

  #onRegisterFailed(refusal: Refusal): void {
    this.#isUp = false
    if (FINAL_REASONS.has(refusal.code)) this.#giveUp(refusal)
    else this.#retryTimer = setTimeout(() => void this.#register(), REGISTER_RETRY_MS)
  }

  #giveUp({ code, message }: Refusal): void {
    if (this.#isClosed) return
    this.#handlers?.onState({ state: 'refused', reason: code, detail: message })
    void this.close()
  }

  #listen(client: ServerClient, handlers: NodeLinkHandlers): void {
    const turn = this.#turn
    const subscription = client.api.nodes.requests.subscribe(undefined, {
      onData: ({ requestId, request }) => void this.#serve({ client, handlers, requestId, request }),
      onError: (error) => {
        if (turn === this.#turn) this.#onCallFailed(error)
      },
    })
    this.#stopRequests = () => subscription.unsubscribe()
  }

  /** An answer that the line swallows is missed by the server after its own time. */
  async #serve({ client, handlers, requestId, request }: Served): Promise<void> {
    const answer = await handlers.onRequest(request).catch(faultAnswer)
    await client.api.nodes.answer.mutate({ requestId, answer }).catch(() => {})
  }

  /** The server lost track of us (a long silence), or gave our place to another. */
  #onCallFailed(error: unknown): Refusal {
    const refusal = refusalFrom(error)
    if (!this.#isUp) return refusal
    if (refusal.code === 'node-unknown') void this.#register()
    if (refusal.code === 'replaced') this.#giveUp(refusal)
    return refusal
  }

  #keepToken(nodeToken: string | null): void {
    if (nodeToken === null) return
    this.#credential = { nodeToken }
    this.#options.onNodeToken?.(nodeToken)
  }

  #clientWhileUp(): ServerClient {
    if (this.#isUp && this.#client !== null) return this.#client
    throw lineDown()
  }
}

interface Served {
  client: ServerClient
  handlers: NodeLinkHandlers
  requestId: number
  request: NodeRequest
}

function faultAnswer(error: unknown): NodeAnswer {
  if (error instanceof Refusal) return { ok: false, reason: error.code, detail: error.message.slice(0, 500) }
  return { ok: false, reason: 'server-error', detail: 'The node failed to answer.' }
}

function lineDown(): Refusal {
  return new Refusal('node-gone', 'The line to the server is down.')
}
