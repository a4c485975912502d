import type { IceAgent, IceNode, StunSource, StunVerdict } from './ice-agent.ts'
import { parseStun, plainBindingSuccess, STUN_BINDING_REQUEST, type StunMessage } from './stun.ts'
import { StunGuard } from './stun-guard.ts'
import type { StunMappings } from './stun-mappings.ts'

interface StunRouterOptions {
  node: IceNode
  mappings: StunMappings
  /** Whether the address has proved to be this agent's. */
  isKnown(agent: IceAgent, from: StunSource): boolean
}

interface StunCounts {
  /** Not STUN after all, or for nobody. */
  strays: number
  /** Wrong integrity, or none. */
  forged: number
  /** Left unread because there were too many. */
  shed: number
}

/** Which agent a STUN message is for: requests by our user name fragment, answers by their transaction. */
export class StunRouter {
  readonly #options: StunRouterOptions
  readonly #agents = new Map<string, IceAgent>()
  readonly #guard: StunGuard
  readonly counts: StunCounts = { strays: 0, forged: 0, shed: 0 }

  constructor(options: StunRouterOptions) {
    this.#options = options
    this.#guard = new StunGuard(options.node.clock.monotonicMs())
  }

  add(agent: IceAgent): void {
    this.#agents.set(agent.ufrag, agent)
  }

  remove(agent: IceAgent): void {
    this.#agents.delete(agent.ufrag)
    this.#guard.forget(agent)
  }

  /** Never throws. `datagram` begins like STUN. */
  onDatagram(datagram: Buffer, from: StunSource): void {
    const message = parseStun(datagram)
    if (!message) this.counts.strays += 1
    else if (message.type === STUN_BINDING_REQUEST) this.#onRequest(message, from)
    else this.#onResponse(message, from)
  }

  #onRequest(message: StunMessage, from: StunSource): void {
    if (message.username === null) {
      this.#onPlainRequest(message, from)
      return
    }
    const agent = this.#agents.get(ownPart(message.username))
    if (!agent) this.counts.strays += 1
    else this.#judged(agent, from, () => agent.onStunRequest(message, from))
  }

  /** RFC 8489 §2: a STUN server for those who ask how they look from outside, so that nobody has to ask a third party. */
  #onPlainRequest({ transactionId }: StunMessage, from: StunSource): void {
    if (this.#guard.mayAnswerPlain(from.address, this.#options.node.clock.monotonicMs())) {
      from.socket.send(plainBindingSuccess(transactionId, from), from.port, from.address)
    } else this.counts.shed += 1
  }

  #onResponse(message: StunMessage, from: StunSource): void {
    const request = this.#options.node.requests.find(message.transactionId)
    if (request) this.#judged(request.owner, from, () => request.owner.onStunResponse(message, request, from))
    else if (!this.#options.mappings.onResponse(message)) this.counts.strays += 1
  }

  #judged(agent: IceAgent, from: StunSource, judge: () => StunVerdict): void {
    const nowMs = this.#options.node.clock.monotonicMs()
    if (!this.#options.isKnown(agent, from) && !this.#guard.mayVerify(agent, nowMs)) {
      this.counts.shed += 1
      return
    }
    if (judge() === 'authentic') return
    this.counts.forged += 1
    this.#guard.onForged(agent, nowMs)
  }
}

/** RFC 8445 §7.3: the user name of a check is the receiver's fragment, a colon, the sender's. */
function ownPart(username: string): string {
  const colon = username.indexOf(':')
  return colon < 0 ? username : username.slice(0, colon)
}
