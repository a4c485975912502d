/**
 * Whether a peer still hears us. Pure: the owner brings the time. Browsers check a working path every 2.5 s
 * (libwebrtc) to 5 s (Firefox); where nothing comes we ask (RFC 7675), so that a silence means a dead path and not
 * a quiet peer. Two things are told apart: being heard (anything authentic), which keeps a link connected, and
 * consent (an answer to a question of ours), without which RFC 7675 §5.1 lets nobody send for more than 30 s.
 */
export const LIVENESS = {
  /** How often the owner calls `tick`. */
  tickMs: 400,
  /** Silence after which each tick asks. */
  askAfterMs: 2_000,
  /** The same of a peer whose last checks came no further apart than this: Chromium's do, and then only consent is left to ask for. */
  askCheckingAfterMs: 2_600,
  /** Silence that means disconnected: four unanswered questions. With one tick it stays under 5 s. */
  disconnectedAfterMs: 4_400,
  /** RFC 7675 §5.1: asked every 5 s even where all goes well; the link's own offset spreads it. */
  consentEveryMs: 5_000,
  /** RFC 7675 §5.1: consent expires after 30 s. */
  closedAfterMs: 30_000,
  /** From the answer to the end of the DTLS handshake; a slow phone may take the answer's own time as well. */
  connectWithinMs: 20_000,
} as const

export type LivenessState = 'connecting' | 'connected' | 'disconnected' | 'closed'
export type LivenessChange = 'connected' | 'disconnected' | 'closed' | null

export class Liveness {
  #state: LivenessState = 'connecting'
  readonly #startedAtMs: number
  #heardAtMs: number
  #consentedAtMs: number
  #askedAtMs: number
  #checkedAtMs = Number.NEGATIVE_INFINITY
  #checkGapMs = Number.POSITIVE_INFINITY

  constructor(nowMs: number) {
    this.#startedAtMs = nowMs
    this.#heardAtMs = nowMs
    this.#consentedAtMs = nowMs
    this.#askedAtMs = nowMs
  }

  get state(): LivenessState {
    return this.#state
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  /** The DTLS handshake is done. */
  onSecured(nowMs: number): LivenessChange {
    if (this.#state !== 'connecting') return null
    this.#state = 'connected'
    this.#heardAtMs = nowMs
    // Starting media needs consent (RFC 7675 §5.1), which the check that selected the path has given.
    this.#consentedAtMs = nowMs
    return 'connected'
  }

  /** Something authentic came from the peer. */
  onHeard(nowMs: number): LivenessChange {
    this.#heardAtMs = nowMs
    if (this.#state !== 'disconnected') return null
    this.#state = 'connected'
    return 'connected'
  }

  /** The peer checked by itself. */
  onCheck(nowMs: number): LivenessChange {
    this.#checkGapMs = nowMs - this.#checkedAtMs
    this.#checkedAtMs = nowMs
    return this.onHeard(nowMs)
  }

  /** The peer answered a question. */
  onConsent(nowMs: number): LivenessChange {
    this.#consentedAtMs = nowMs
    return this.onHeard(nowMs)
  }

  onAsked(nowMs: number): void {
    this.#askedAtMs = nowMs
  }

  tick(nowMs: number): LivenessChange {
    switch (this.#state) {
      case 'connecting':
        return nowMs - this.#startedAtMs >= LIVENESS.connectWithinMs ? this.close() : null
      case 'connected':
      case 'disconnected':
        if (nowMs - this.#consentedAtMs >= LIVENESS.closedAfterMs) return this.close()
        return this.#state === 'connected' ? this.#tickConnected(nowMs) : null
      case 'closed':
        return null
    }
  }

  #tickConnected(nowMs: number): LivenessChange {
    if (nowMs - this.#heardAtMs < LIVENESS.disconnectedAfterMs) return null
    this.#state = 'disconnected'
    return 'disconnected'
  }

  get #askAfterMs(): number {
    return this.#checkGapMs <= LIVENESS.askCheckingAfterMs ? LIVENESS.askCheckingAfterMs : LIVENESS.askAfterMs
  }

  shouldAsk(nowMs: number): boolean {
    if (this.#state !== 'connected' && this.#state !== 'disconnected') return false
    return nowMs - this.#heardAtMs >= this.#askAfterMs || nowMs - this.#askedAtMs >= LIVENESS.consentEveryMs
  }

  /** When the next question is due, as things are; 0 where each tick counts. */
  get quietUntilMs(): number {
    if (this.#state !== 'connected') return 0
    return Math.min(this.#heardAtMs + this.#askAfterMs, this.#askedAtMs + LIVENESS.consentEveryMs)
  }

  close(): LivenessChange {
    if (this.#state === 'closed') return null
    this.#state = 'closed'
    return 'closed'
  }
}
