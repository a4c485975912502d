import { randomBytes } from 'node:crypto'
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts'
import { IceAgent, type IceNode } from './ice-agent.ts'
import type { LinkPath } from './link-paths.ts'
import { CheckPacer, UnansweredRequests } from './outbound-checks.ts'
import type { RemoteCandidate } from './remote-candidates.ts'
import { bindingSuccess, parseStun, STUN_BINDING_REQUEST, type StunMessage } from './stun.ts'
import { browserCheck } from './stun-check.fixture.ts'
import { stunKey } from './stun-integrity.ts'
import { StunRequests } from './stun-requests.ts'
import { TickWheel } from './tick-wheel.ts'
import type { UdpSocket } from './udp-sockets.ts'

export const BROWSER = { address: '198.51.100.1', port: 5_000 }
const REMOTE_UFRAG = 'theirs'
const REMOTE_PWD = 'their-password-of-22-chars'

interface Sent {
  atMs: number
  datagram: Buffer
  address: string
  port: number
}

/** An agent on a clock of the test's, and a browser that does what the test says. */
export class AgentHarness {
  readonly clock: FakeClock = createFakeClock()
  readonly told: { atMs: number; what: string }[] = []
  readonly paths: LinkPath[] = []
  readonly gone: LinkPath[] = []
  readonly selected: (LinkPath | null)[] = []
  readonly sent: Sent[] = []
  readonly socket: UdpSocket = this.socketAt('192.0.2.2')
  readonly sockets: UdpSocket[] = [this.socket]
  readonly node: IceNode
  readonly agent: IceAgent
  readonly #wheel: TickWheel<IceAgent>
  /** Nothing arrives any more, in either direction. */
  isCutOff = false
  /** Round trip of the browser's answers to questions sent to `answersAt`; null: it does not answer. */
  rttMs: number | null = 0
  /** The addresses at which the browser answers. */
  answersAt = [BROWSER]

  constructor(candidates: readonly RemoteCandidate[] = []) {
    this.node = {
      clock: this.clock,
      sockets: () => this.sockets,
      pacer: new CheckPacer(),
      unanswered: new UnansweredRequests(),
      requests: new StunRequests(),
    }
    this.#wheel = new TickWheel(this.clock, () => this.node.pacer.run())
    this.agent = this.another(candidates)
    this.#wheel.add(this.agent)
  }

  /** One more agent of the same node. */
  another(candidates: readonly RemoteCandidate[] = []): IceAgent {
    const agent: IceAgent = new IceAgent({
      node: this.node,
      remote: { ufrag: REMOTE_UFRAG, pwd: REMOTE_PWD, candidates },
      events: {
        onPath: (path) => void this.paths.push(path),
        onPathGone: (path) => void this.gone.push(path),
        onSelected: (path) => void this.selected.push(path),
        onLiveness: (what) => void this.told.push({ atMs: this.clock.monotonicMs(), what }),
        onRestless: () => this.#wheel.wake(agent),
      },
    })
    return agent
  }

  socketAt(address: string): UdpSocket {
    const socket: UdpSocket = {
      address,
      port: 4_000,
      send: (datagram, port, to) => this.#deliver(Buffer.from(datagram), socket, { address: to, port }),
    }
    return socket
  }

  /** A connectivity check, as the controlling side sends it; gives what the agent made of it. */
  check(options: { from?: typeof BROWSER; nominated?: boolean; pwd?: string; controlled?: boolean } = {}) {
    const { from = BROWSER, nominated = true, pwd = this.agent.pwd, controlled = false } = options
    const username = `${this.agent.ufrag}:${REMOTE_UFRAG}`
    const request = parse(browserCheck({ username, pwd, nominated, controlled }))
    return this.isCutOff ? null : this.agent.onStunRequest(request, { socket: this.socket, ...from })
  }

  /** Connects as a browser does: a check, and the handshake behind it. */
  connect(): void {
    this.check()
    this.agent.onSecured()
  }

  /** Calls `act` each `intervalMs` until `untilMs`. */
  every(intervalMs: number, untilMs: number, act: () => void): void {
    if (this.clock.monotonicMs() + intervalMs > untilMs) return
    this.clock.after(intervalMs, () => {
      act()
      this.every(intervalMs, untilMs, act)
    })
  }

  /** What the agent asked, of what was sent. */
  questions(): Sent[] {
    return this.sent.filter(({ datagram }) => parse(datagram).type === STUN_BINDING_REQUEST)
  }

  /** An answer to `request` from `from`. */
  answer(request: StunMessage, from: typeof BROWSER, password = REMOTE_PWD): void {
    const answer = parse(
      bindingSuccess(
        { transactionId: request.transactionId, key: stunKey(password) },
        { address: '192.0.2.2', port: 1 },
      ),
    )
    const waiting = this.node.requests.find(answer.transactionId)
    if (waiting) this.agent.onStunResponse(answer, waiting, { socket: this.socket, ...from })
  }

  #deliver(datagram: Buffer, _socket: UdpSocket, to: typeof BROWSER): void {
    this.sent.push({ atMs: this.clock.monotonicMs(), datagram, ...to })
    const isThere = this.answersAt.some(({ address, port }) => address === to.address && port === to.port)
    const message = parse(datagram)
    if (this.isCutOff || !isThere || this.rttMs === null || message.type !== STUN_BINDING_REQUEST) return
    this.clock.after(this.rttMs, () => {
      if (!this.isCutOff) this.answer(message, to)
    })
  }
}

export function parse(datagram: Buffer): StunMessage {
  const message = parseStun(datagram)
  if (!message) throw new Error('not STUN')
  return message
}

/** Nobody's. */
export function strayAnswer(): StunMessage {
  return parse(bindingSuccess({ transactionId: randomBytes(12), key: stunKey(REMOTE_PWD) }, BROWSER))
}
