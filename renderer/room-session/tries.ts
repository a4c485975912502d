import type { Admission, OfferAnswer } from '../../server/contract/views.ts'
import type { Clock } from './clock.ts'
import { LateCandidates } from './late-candidates.ts'
import { type JoinRequest, type Peer, type PeerPort, SignallingError, type SignallingPort } from './ports.ts'
import type { Route } from './route.ts'
import type { SessionEvent } from './session-events.ts'

export interface TriesOptions {
  signalling: SignallingPort
  peers: PeerPort
  clock: Clock
  /** What the room is asked for now. */
  request(): JoinRequest
  microphone(): MediaStreamTrack | null
  route(): Route
  dispatch(event: SessionEvent): void
  /** The server has let us in. */
  onAdmitted(admission: Admission): void
  /** The node has answered, and this is what will be heard. */
  onAnswered(answer: OfferAnswer, peer: Peer): void
}

interface Try {
  readonly peer: Peer
  readonly late: LateCandidates
  readonly stop: AbortController
  token: string | null
}

/** The tries to get in, by number, each with its connection. At most two live at once: a new one and one that may heal. */
export class Tries {
  readonly #options: TriesOptions
  readonly #tries = new Map<number, Try>()

  constructor(options: TriesOptions) {
    this.#options = options
  }

  peerOf(tryNumber: number): Peer | null {
    return this.#tries.get(tryNumber)?.peer ?? null
  }

  /** The question goes out first; the connection and its offer are made while it travels. */
  ask(tryNumber: number): void {
    const { signalling, request } = this.#options
    const stop = new AbortController()
    const admission = signalling.join(request(), stop.signal)
    this.#settle(tryNumber, admission, (admitted) => this.#admitted(tryNumber, admitted))
    try {
      this.#tries.set(tryNumber, this.#open(tryNumber, stop))
    } catch {
      // No WebRTC in this browser, or too many connections: told like any other failed try.
      stop.abort()
      this.#failed(tryNumber, new SignallingError('media-failed'))
    }
  }

  sendOffer(tryNumber: number): void {
    const attempt = this.#tries.get(tryNumber)
    if (attempt === undefined || attempt.token === null) return
    const { peer, stop, token, late } = attempt
    const { signalling, dispatch, onAnswered } = this.#options
    const answer = peer.offer().then((offerSdp) => signalling.offer({ token, offerSdp }, stop.signal))
    this.#settle(tryNumber, answer, async (answered) => {
      dispatch({ type: 'answered', tryNumber })
      if (this.#tries.get(tryNumber) !== attempt) return
      onAnswered(answered, peer)
      late.begin()
      await peer.accept(answered.answerSdp)
    })
  }

  /** Puts a microphone into every connection, or takes it out. */
  setMicrophone(track: MediaStreamTrack | null): void {
    // A connection that closes meanwhile needs none.
    for (const { peer } of this.#tries.values()) void peer.setMicrophone(track).catch(() => undefined)
  }

  /** Idempotent. */
  close(tryNumber: number): void {
    const attempt = this.#tries.get(tryNumber)
    this.#tries.delete(tryNumber)
    attempt?.stop.abort()
    attempt?.late.close()
    attempt?.peer.close()
  }

  closeAll(): void {
    for (const tryNumber of [...this.#tries.keys()]) this.close(tryNumber)
  }

  #open(tryNumber: number, stop: AbortController): Try {
    const { peers, clock, microphone, route, dispatch } = this.#options
    const { stunServers, tellsCandidates } = route()
    const late = new LateCandidates({ clock, send: (lines) => this.#sendCandidates(tryNumber, lines) })
    const peer = peers.open({
      microphone: microphone(),
      stunServers,
      onLink: (link) => dispatch({ type: 'peer', tryNumber, link }),
      onCandidate: (line) => tellsCandidates && late.add(line),
    })
    return { peer, late, stop, token: null }
  }

  #sendCandidates(tryNumber: number, lines: string[]): void {
    const attempt = this.#tries.get(tryNumber)
    if (attempt === undefined || attempt.token === null) return
    const { token, stop } = attempt
    // The page goes on with its own checks.
    void this.#options.signalling.candidates({ token, lines }, stop.signal).catch(() => undefined)
  }

  #admitted(tryNumber: number, admission: Admission): void {
    const attempt = this.#tries.get(tryNumber)
    if (attempt === undefined) return
    attempt.token = admission.token
    this.#options.onAdmitted(admission)
    this.#options.dispatch({ type: 'admitted', tryNumber })
  }

  /** A failure is told to the machine, which knows whether the try still counts. */
  #settle<T>(tryNumber: number, result: Promise<T>, then: (value: T) => void | Promise<void>): void {
    result.then(then).catch((error: unknown) => this.#failed(tryNumber, error))
  }

  #failed(tryNumber: number, error: unknown): void {
    const { reason, retryAfterMs } = error instanceof SignallingError ? error : new SignallingError('media-failed')
    this.#options.dispatch({ type: 'try-failed', tryNumber, reason, retryAfterMs })
  }
}
