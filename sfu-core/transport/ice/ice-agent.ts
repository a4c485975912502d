import { randomBytes } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { BoundAddress } from './candidates.ts'
import { hasConsent, type LinkPath, LinkPaths } from './link-paths.ts'
import { Liveness, type LivenessChange, type LivenessState } from './liveness.ts'
import { type CheckingLink, CheckList, type CheckPacer, type UnansweredRequests } from './outbound-checks.ts'
import { parseCandidate, type RemoteCandidate } from './remote-candidates.ts'
import { sendSoon } from './send-soon.ts'
import {
  bindingError,
  bindingSuccess,
  checkRequest,
  integrityMatches,
  STUN_BINDING_SUCCESS,
  type StunMessage,
} from './stun.ts'
import { type StunKey, stunKey } from './stun-integrity.ts'
import type { StunRequest, StunRequests } from './stun-requests.ts'
import type { UdpSocket } from './udp-sockets.ts'

/** What all agents of a node share. */
export interface IceNode {
  clock: Clock
  sockets(): readonly UdpSocket[]
  pacer: CheckPacer
  unanswered: UnansweredRequests
  requests: StunRequests<IceAgent>
}

export interface IceAgentOptions {
  node: IceNode
  /** The peer's credentials and candidates, from its offer. */
  remote: { ufrag: string; pwd: string; candidates: readonly RemoteCandidate[] }
  events: IceAgentEvents
}

export interface IceAgentEvents {
  /** A path proved to be the peer's: what comes from there is for this link. Told at each proof. */
  onPath(path: LinkPath): void
  onPathGone(path: LinkPath): void
  /** Where media goes from now on; null where it may go nowhere. */
  onSelected(path: LinkPath | null): void
  /** As in Liveness. After `closed`, which is told once and not after `close()`, nothing else is told. */
  onLiveness(change: Exclude<LivenessChange, null>): void
  /** Each tick counts from now on, whatever the last one said. */
  onRestless(): void
}

/** The selected path is silent for so long that a check elsewhere may mean that the peer moved. */
const LEAVING_AFTER_MS = 1_000
/** Questions that checks bring about, per path: a forged check makes us write to a stranger no more often. */
const ASK_INTERVAL_MS = 250

/** Where a datagram came from, and by which socket. */
export interface StunSource extends BoundAddress {
  socket: UdpSocket
}

/** Whether a STUN message was the peer's. What was not costs its sender (stun-guard.ts). */
export type StunVerdict = 'authentic' | 'forged'

/**
 * One peer's ICE agent: lite and controlled (RFC 8445), consent by RFC 7675, and checks of our own toward the peer's
 * candidates (outbound-checks.ts). It answers, it remembers which ways lead to the peer, and it knows the one to send on.
 */
export class IceAgent implements CheckingLink {
  readonly ufrag = randomBytes(6).toString('base64')
  readonly pwd = randomBytes(18).toString('base64')
  readonly #node: IceNode
  readonly #events: IceAgentEvents
  readonly #remoteUfrag: string
  /** RFC 8445 §7.3: the user name of the peer's checks is ours, a colon, theirs; of ours the other way round. */
  readonly #theirUsername: Buffer
  readonly #ourUsername: Buffer
  readonly #ownKey: StunKey
  readonly #remoteKey: StunKey
  readonly #tieBreaker = randomBytes(8)
  readonly #paths: LinkPaths
  readonly #checks = new CheckList()
  readonly #liveness: Liveness

  constructor({ node, remote, events }: IceAgentOptions) {
    this.#node = node
    this.#events = events
    this.#remoteUfrag = remote.ufrag
    this.#theirUsername = Buffer.from(`${this.ufrag}:${remote.ufrag}`)
    this.#ourUsername = Buffer.from(`${remote.ufrag}:${this.ufrag}`)
    this.#ownKey = stunKey(this.pwd)
    this.#remoteKey = stunKey(remote.pwd)
    this.#paths = new LinkPaths((path) => events.onSelected(path))
    this.#liveness = new Liveness(node.clock.monotonicMs())
    this.#addCandidates(remote.candidates)
  }

  get isClosed(): boolean {
    return this.#liveness.isClosed
  }

  get state(): LivenessState {
    return this.#liveness.state
  }

  /** Where media goes now; null before the peer's first check, and where it gave no consent. */
  get selected(): LinkPath | null {
    return this.#paths.selected
  }

  /** The paths that lead to this peer. */
  get paths(): readonly LinkPath[] {
    return this.#paths.all
  }

  get hasChecks(): boolean {
    return !this.#checks.isOver
  }

  /** `candidate:` lines that the peer's browser found after its offer. */
  addRemoteCandidates(lines: readonly string[]): void {
    if (this.isClosed) return
    this.#addCandidates(lines.flatMap((line) => parseCandidate(line, this.#remoteUfrag) ?? []))
  }

  #addCandidates(candidates: readonly RemoteCandidate[]): void {
    if (candidates.length === 0) return
    this.#checks.add(candidates, this.#node.sockets(), this.#node.clock.monotonicMs())
    this.#node.pacer.add(this)
  }

  /** Whether a binding request names this agent and its peer. Proves nothing yet. */
  isNamedBy(request: StunMessage): boolean {
    return request.hasUsername(this.#theirUsername)
  }

  /** A binding request whose user name begins with our `ufrag`. */
  onStunRequest(request: StunMessage, from: StunSource): StunVerdict {
    if (this.isClosed) return 'authentic'
    if (!this.isNamedBy(request) || !integrityMatches(request, this.#ownKey)) return 'forged'
    const reply = { transactionId: request.transactionId, key: this.#ownKey }
    if (request.iceControlled) {
      // RFC 8445 §7.3.1.1: a lite agent is never the controlling one.
      from.socket.send(bindingError(reply, 487, 'Role Conflict'), from.port, from.address)
      return 'authentic'
    }
    const path = this.#learn(from.socket, from)
    sendSoon(path, bindingSuccess(reply, path))
    this.#onCheck(path, request.useCandidate)
    return 'authentic'
  }

  #onCheck(path: LinkPath, nominated: boolean): void {
    const nowMs = this.#node.clock.monotonicMs()
    this.#paths.onCheck(path, { nominated, nowMs })
    // The peer gets through: no hole has to be made for it.
    this.#checks.stop()
    this.#node.unanswered.onAnswer(path.address)
    this.#tell(this.#liveness.onCheck(nowMs))
    const { selected } = this.#paths
    const isSilent = selected !== null && nowMs - selected.heardAtMs >= LEAVING_AFTER_MS
    // Media moves to a path only with consent, and only from one that got a chance to speak.
    const wantsConsent = nominated || isSilent || path === selected
    if (wantsConsent && !hasConsent(path, nowMs)) this.#askSoon(path, nowMs)
    if (isSilent && selected !== path) this.#askSoon(selected, nowMs)
  }

  #askSoon(path: LinkPath, nowMs: number): void {
    if (nowMs - path.askedAtMs < ASK_INTERVAL_MS) return
    this.#ask(path, nowMs)
    this.#events.onRestless()
  }

  /** An answer with the transaction id of a `request` of ours. */
  onStunResponse(response: StunMessage, request: StunRequest<IceAgent>, from: StunSource): StunVerdict {
    if (this.isClosed) return 'authentic'
    if (!integrityMatches(response, this.#remoteKey)) return 'forged'
    this.#node.requests.remove(request)
    // RFC 8445 §7.2.5.2.1: an answer from elsewhere than where the question went proves nothing. Errors neither.
    const isSymmetric = request.socket === from.socket && request.port === from.port && request.address === from.address
    if (isSymmetric && response.type === STUN_BINDING_SUCCESS) this.#onAnswer(from.socket, from)
    return 'authentic'
  }

  #onAnswer(socket: UdpSocket, remote: BoundAddress): void {
    const nowMs = this.#node.clock.monotonicMs()
    this.#paths.onConsent(this.#learn(socket, remote), nowMs)
    this.#checks.onAnswer(socket, remote)
    this.#node.unanswered.onAnswer(remote.address)
    this.#tell(this.#liveness.onConsent(nowMs))
  }

  /** Media with integrity came by `path`. */
  onHeard(path: LinkPath): void {
    const nowMs = this.#node.clock.monotonicMs()
    this.#paths.onHeard(path, nowMs)
    this.#tell(this.#liveness.onHeard(nowMs))
  }

  /** The DTLS handshake is done. */
  onSecured(): void {
    this.#tell(this.#liveness.onSecured(this.#node.clock.monotonicMs()))
  }

  #learn(socket: UdpSocket, remote: BoundAddress): LinkPath {
    const { path, evicted } = this.#paths.learn(socket, remote, this.#node.clock.monotonicMs())
    if (evicted) this.#events.onPathGone(evicted)
    this.#events.onPath(path)
    return path
  }

  /** To be called every LIVENESS.tickMs from the time that it gives; what is heard until then only puts off what is due. */
  tick(nowMs: number): number {
    this.#tell(this.#liveness.tick(nowMs))
    if (this.isClosed) return Number.POSITIVE_INFINITY
    this.#paths.tick(nowMs)
    const { selected } = this.#paths
    if (selected && (this.#liveness.shouldAsk(nowMs) || selected.unansweredSinceMs !== null)) {
      this.#ask(selected, nowMs)
      return nowMs
    }
    return Math.min(this.#liveness.quietUntilMs, this.#paths.quietUntilMs)
  }

  #ask(path: LinkPath, nowMs: number): void {
    if (this.isClosed) return
    this.#paths.onAsked(path, nowMs)
    if (path === this.#paths.selected) this.#liveness.onAsked(nowMs)
    sendSoon(path, this.#request(path.socket, path))
  }

  /** The pacer's turn. */
  checkOnce(): boolean {
    if (this.isClosed) return false
    const nowMs = this.#node.clock.monotonicMs()
    const pair = this.#checks.next(nowMs)
    if (!pair || !this.#node.unanswered.take(pair.remote.address, nowMs)) return false
    const { socket, remote } = pair
    socket.send(this.#request(socket, remote), remote.port, remote.address)
    return true
  }

  #request(socket: UdpSocket, remote: BoundAddress): Buffer {
    return checkRequest({
      transactionId: this.#node.requests.add(this, socket, remote),
      key: this.#remoteKey,
      username: this.#ourUsername,
      tieBreaker: this.#tieBreaker,
    })
  }

  /** Sends on the selected path, or drops. */
  send(datagram: Buffer): void {
    const path = this.#paths.selected
    if (path) path.socket.send(datagram, path.port, path.address)
  }

  #tell(change: LivenessChange): void {
    if (change === null) return
    if (change === 'closed') this.#release()
    this.#events.onLiveness(change)
  }

  /** Silent. @returns false where it was closed before. */
  close(): boolean {
    if (this.#liveness.close() === null) return false
    this.#release()
    return true
  }

  #release(): void {
    this.#checks.stop()
    this.#node.pacer.remove(this)
    this.#node.requests.forget(this)
  }
}
