import type { IceAgent, IceNode, StunSource, StunVerdict } from './ice-agent.ts'
import { parseStun, plainBindingSuccess, STUN_BINDING_REQUEST, type StunMessage } from './stun.ts'
import { StunGuard } from './stun-guard.ts'
import type { StunMappings } from './stun-mappings.ts'

interface StunRouterOptions {
  node: IceNode
  mappings: StunMappings
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

  /** Never throws. `datagram` begins like STUN; `known` is the agent whose address has proved to be `from`. */
  onDatagram(datagram: Buffer, from: StunSource, known: IceAgent | null): void {
    const message = parseStun(datagram)
    if (!message) this.counts.strays += 1
    else if (message.type === STUN_BINDING_REQUEST) this.#onRequest(message, from, known)
    else this.#onResponse(message, from, known)
  }

  #onRequest(message: StunMessage, from: StunSource, known: IceAgent | null): void {
    const agent = known?.isNamedBy(message) ? known : this.#named(message)
    if (agent) {
      if (this.#mayJudge(agent, known)) this.#onVerdict(agent, agent.onStunRequest(message, from))
    } else if (message.usernameBytes < 0) this.#onPlainRequest(message, from)
    else this.counts.strays += 1
  }

  #named({ username }: StunMessage): IceAgent | null {
    return username === null ? null : (this.#agents.get(ownPart(username)) ?? null)
  }

  /** RFC 8489 §2: a STUN server for those who ask how they look from outside, so that nobody has to ask a third party. */
  #onPlainRequest({ transactionId }: StunMessage, from: StunSource): void {
    if (this.#guard.mayAnswerPlain(from.address, this.#options.node.clock.monotonicMs())) {
      from.socket.send(plainBindingSuccess(transactionId, from), from.port, from.address)
    } else this.counts.shed += 1
  }

  #onResponse(message: StunMessage, from: StunSource, known: IceAgent | null): void {
    const request = this.#options.node.requests.find(message.transactionId)
    if (request) {
      const { owner } = request
      if (this.#mayJudge(owner, known)) this.#onVerdict(owner, owner.onStunResponse(message, request, from))
    } else if (!this.#options.mappings.onResponse(message)) this.counts.strays += 1
  }

  #mayJudge(agent: IceAgent, known: IceAgent | null): boolean {
    if (agent === known || this.#guard.mayVerify(agent, this.#options.node.clock.monotonicMs())) return true
    this.counts.shed += 1
    return false
  }

  #onVerdict(agent: IceAgent, verdict: StunVerdict): void {
    if (verdict === 'authentic') return
    this.counts.forged += 1
    this.#guard.onForged(agent, this.#options.node.clock.monotonicMs())
  }
}

/** RFC 8445 §7.3: the user name of a check is the receiver's fragment, a colon, the sender's. */
function ownPart(username: string): string {
  const colon = username.indexOf(':')
  return colon < 0 ? username : username.slice(0, colon)
}
