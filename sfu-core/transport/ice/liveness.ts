/**
 * Whether a peer still hears us, from when it was last heard. Pure: the owner brings the time. Browsers check a
 * working path every 2.5 s (libwebrtc) to 5 s (Firefox); where nothing comes we ask (RFC 7675), so that a
 * silence means a dead path and not a quiet peer.
 */
export const LIVENESS = {
  /** How often the owner calls `tick`. */
  tickMs: 500,
  /** Silence after which each tick asks. */
  askAfterMs: 1_500,
  /** Silence that means disconnected: five unanswered questions. With one tick it stays under 5 s. */
  disconnectedAfterMs: 4_000,
  /** RFC 7675 §5.1: consent expires after 30 s. */
  closedAfterMs: 30_000,
  /** From the answer to the end of the DTLS handshake; a slow phone may take the answer's own time as well. */
  connectWithinMs: 20_000,
} as const

type LivenessState = 'connecting' | 'connected' | 'disconnected' | 'closed'
export type LivenessChange = 'connected' | 'disconnected' | 'closed' | null

export class Liveness {
  #state: LivenessState = 'connecting'
  readonly #startedAtMs: number
  #heardAtMs: number

  constructor(nowMs: number) {
    this.#startedAtMs = nowMs
    this.#heardAtMs = nowMs
  }

  get state(): LivenessState {
    return this.#state
  }

  silenceMs(nowMs: number): number {
    return nowMs - this.#heardAtMs
  }

  /** The DTLS handshake is done. */
  onSecured(nowMs: number): LivenessChange {
    if (this.#state !== 'connecting') return null
    this.#state = 'connected'
    this.#heardAtMs = nowMs
    return 'connected'
  }

  /** Something authentic came from the peer. */
  onHeard(nowMs: number): LivenessChange {
    this.#heardAtMs = nowMs
    if (this.#state !== 'disconnected') return null
    this.#state = 'connected'
    return 'connected'
  }

  tick(nowMs: number): LivenessChange {
    const silentMs = this.silenceMs(nowMs)
    if (this.#state === 'connecting' && nowMs - this.#startedAtMs >= LIVENESS.connectWithinMs) return this.close()
    if (this.#state === 'connected' && silentMs >= LIVENESS.disconnectedAfterMs) {
      this.#state = 'disconnected'
      return 'disconnected'
    }
    return this.#state === 'disconnected' && silentMs >= LIVENESS.closedAfterMs ? this.close() : null
  }

  shouldAsk(nowMs: number): boolean {
    const isOpen = this.#state === 'connected' || this.#state === 'disconnected'
    return isOpen && this.silenceMs(nowMs) >= LIVENESS.askAfterMs
  }

  close(): LivenessChange {
    if (this.#state === 'closed') return null
    this.#state = 'closed'
    return 'closed'
  }
}
