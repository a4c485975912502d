import type { RoomAction } from '../../sfu-core/contract/actions.ts'
import type { Participant } from '../../sfu-core/contract/state.ts'
import { CLOSED_GATE, isOpen, type MicGate, muteLocally, nodeMustMute, seenByNode, unmuteAccepted } from './mic-gate.ts'
import { SignallingError } from './ports.ts'

export interface MuteControlOptions {
  /** Lets the microphone's sound through, or not. */
  setOpen(open: boolean): void
  act(action: RoomAction): Promise<void>
  connected(): boolean
}

/** Muting: at once here, then at the node. Unmuting: at the node first. Rules in mic-gate.ts. */
export class MuteControl {
  readonly #options: MuteControlOptions
  #gate: MicGate = CLOSED_GATE
  /** The newest wish; an unmute that was overtaken by a mute has no effect here. */
  #wish = 0
  /** Wishes reach the node in the order they were made. */
  #queue: Promise<unknown> = Promise.resolve()
  #underWay = 0

  constructor(options: MuteControlOptions) {
    this.#options = options
  }

  /** Sound may leave the microphone now. */
  get open(): boolean {
    return isOpen(this.#gate)
  }

  /** @throws SignallingError where the node did not agree. A mute holds on this side all the same. */
  async set(muted: boolean): Promise<void> {
    const wish = ++this.#wish
    if (muted) this.#change(muteLocally(this.#gate))
    else if (!this.#options.connected()) throw new SignallingError('node-gone')
    await this.#tell(muted)
    if (!muted && wish === this.#wish) this.#change(unmuteAccepted(this.#gate))
  }

  /** The node's news of ourselves. */
  seen(me: Pick<Participant, 'onStage' | 'muted'>): void {
    this.#change(seenByNode(this.#gate, me))
    this.reconcile()
  }

  /** Tells the node again that we are muted, where it thinks otherwise. */
  reconcile(): void {
    if (!this.#options.connected() || this.#underWay > 0 || !nodeMustMute(this.#gate)) return
    // A refusal or a drop: the next news of ourselves, or the next connection, brings us here again.
    this.#tell(true).catch(() => undefined)
  }

  #tell(muted: boolean): Promise<void> {
    this.#underWay += 1
    const told = this.#queue
      .catch(() => undefined)
      .then(() => this.#options.act({ type: 'set-muted', muted }))
      .finally(() => {
        this.#underWay -= 1
      })
    this.#queue = told.catch(() => undefined)
    return told
  }

  #change(gate: MicGate): void {
    this.#gate = gate
    this.#options.setOpen(isOpen(gate))
  }
}
