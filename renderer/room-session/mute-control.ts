import type { RoomAction } from '../../sfu-core/contract/actions.ts'
import type { Participant } from '../../sfu-core/contract/state.ts'
import {
  CLOSED_GATE,
  isOpen,
  type MicGate,
  MUTED_BEFORE,
  muteLocally,
  nodeMustMute,
  seenByNode,
  unmuteAccepted,
} from './mic-gate.ts'
import { type FailureReason, SignallingError } from './ports.ts'

/** A mute that did not get through is told again after this time, if the connection did not bring it up before. */
const TELL_AGAIN_MS = 2_000

/** The mute did not reach the node; it is not refused. */
const LINE_FAILURES: ReadonlySet<FailureReason> = new Set<FailureReason>([
  'offline',
  'timed-out',
  'node-gone',
  'node-busy',
  'node-unknown',
  'seat-unknown',
  'too-many-requests',
  'server-error',
])

export interface MuteControlOptions {
  /** The person had muted before the page was loaded anew. */
  mutedBefore: boolean
  /** Called at each change, and when it stays the same. */
  onGate(gate: MicGate): void
  act(action: RoomAction): Promise<void>
  connected(): boolean
  /** Returns the end. */
  after(delayMs: number, call: () => void): () => void
}

/** Muting: at once here, then at the node. Unmuting: at the node first. Rules in mic-gate.ts. */
export class MuteControl {
  readonly #options: MuteControlOptions
  #gate: MicGate
  /** The newest wish; an unmute that was overtaken by a mute has no effect here. */
  #wish = 0
  /** Wishes reach the node in the order they were made. */
  #queue: Promise<unknown> = Promise.resolve()
  #underWay = 0
  #endTellAgain: (() => void) | null = null
  #closed = false

  constructor(options: MuteControlOptions) {
    this.#options = options
    this.#gate = options.mutedBefore ? MUTED_BEFORE : CLOSED_GATE
  }

  /** Sound may leave the microphone now. */
  get open(): boolean {
    return isOpen(this.#gate)
  }

  /** The person has muted and the node does not know yet. */
  get mutedHereOnly(): boolean {
    return nodeMustMute(this.#gate)
  }

  /**
   * A mute holds on this side whatever happens; where the line fails it, it is told later.
   * @throws SignallingError where the node refused, and for an unmute also where it was not reached.
   */
  async set(muted: boolean): Promise<void> {
    const wish = ++this.#wish
    if (muted) {
      this.#change(muteLocally(this.#gate))
      return this.#tellMuted()
    }
    if (!this.#options.connected()) throw new SignallingError('node-gone')
    await this.#tellUnmuted()
    if (wish === this.#wish) this.#change(unmuteAccepted(this.#gate))
  }

  /** The node's news of ourselves. */
  seen(me: Pick<Participant, 'onStage' | 'muted'>): void {
    this.#change(seenByNode(this.#gate, me))
    this.reconcile()
  }

  /** Tells the node again that we are muted, where it thinks otherwise. */
  reconcile(): void {
    if (this.#closed || !this.#options.connected() || this.#underWay > 0 || !this.mutedHereOnly) return
    // A refusal: the next news of ourselves, or the next connection, brings us here again.
    this.#tellMuted().catch(() => undefined)
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true
    this.#endTellAgain?.()
    this.#endTellAgain = null
  }

  async #tellMuted(): Promise<void> {
    try {
      await this.#tell(true)
    } catch (error) {
      if (this.#options.connected() && !isLineFailure(error)) throw error
      this.#tellAgainLater()
    }
  }

  async #tellUnmuted(): Promise<void> {
    try {
      await this.#tell(false)
    } catch (error) {
      // It may have got through without its answer: then the node thinks that we are open.
      this.reconcile()
      throw error
    }
  }

  #tellAgainLater(): void {
    if (this.#closed) return
    this.#endTellAgain?.()
    this.#endTellAgain = this.#options.after(TELL_AGAIN_MS, () => {
      this.#endTellAgain = null
      this.reconcile()
    })
  }

  #tell(muted: boolean): Promise<void> {
    this.#underWay += 1
    const told = this.#queue
      .then(() => this.#options.act({ type: 'set-muted', muted }))
      .catch(unlessDone)
      .finally(() => {
        this.#underWay -= 1
      })
    this.#queue = told.catch(() => undefined)
    return told
  }

  #change(gate: MicGate): void {
    this.#gate = gate
    this.#options.onGate(gate)
  }
}

function isLineFailure(error: unknown): boolean {
  return error instanceof SignallingError && LINE_FAILURES.has(error.reason)
}

/** The node says that it is so already: what was asked for holds. */
function unlessDone(error: unknown): void {
  if (!(error instanceof SignallingError) || error.reason !== 'nothing-to-do') throw error
}
