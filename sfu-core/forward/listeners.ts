import { type Fanout, type MediaLink, STAGE_CHANNEL } from '../transport/transport.ts'
import type { Audience } from './audience.ts'
import type { RoomForwarderDump } from './room-forwarder.ts'

interface Listener {
  readonly number: number
  readonly link: MediaLink
  onStage: boolean
  /** Of the audience; null on stage. */
  phase: number | null
  /** The one before; null if there was none since the packets' length was chosen. */
  lastPhase: number | null
}

/** Somebody who comes from another channel, and has heard there what their new phase still holds. */
interface Latecomer {
  readonly listener: Listener
  /** They join when the phase holds nothing from before this. */
  readonly fromOrdinal: number
}

interface ListenersOptions {
  fanout: Fanout
  audience: Audience
  /** That the next packet of the room will have. */
  nextOrdinal(): number
}

/** Who is in which channel. Everybody with a link is in one, or about to be. */
export class Listeners {
  readonly #options: ListenersOptions
  readonly #listeners = new Map<number, Listener>()
  #latecomers: Latecomer[] = []

  constructor(options: ListenersOptions) {
    this.#options = options
  }

  /** An earlier link of the same number is let go. */
  attach(number: number, link: MediaLink, onStage: boolean): void {
    this.detach(number)
    const listener: Listener = { number, link, onStage, phase: null, lastPhase: null }
    this.#listeners.set(number, listener)
    this.#seat(listener)
    this.#join(listener)
  }

  detach(number: number): void {
    const listener = this.#listeners.get(number)
    if (!listener) return
    this.#listeners.delete(number)
    this.#unseat(listener)
    this.#options.fanout.leave(listener.link)
    this.#balance()
  }

  setOnStage(number: number, onStage: boolean): void {
    const listener = this.#listeners.get(number)
    if (!listener || listener.onStage === onStage) return
    this.#unseat(listener)
    listener.onStage = onStage
    this.#seat(listener)
    if (onStage) this.#join(listener)
    else this.#joinLater(listener)
    this.#balance()
  }

  /** The audience has begun anew, with nothing held. */
  redistribute(): void {
    for (const listener of this.#listeners.values()) {
      listener.phase = null
      listener.lastPhase = null
    }
    const waiting = new Set(this.#latecomers.map(({ listener }) => listener))
    for (const listener of this.#listeners.values()) {
      if (listener.onStage) continue
      this.#seat(listener)
      if (!waiting.has(listener)) this.#join(listener)
    }
    this.admitLatecomers()
  }

  /** To be called when packets have left. */
  admitLatecomers(): void {
    if (this.#latecomers.length === 0) return
    this.#latecomers = this.#latecomers.filter(({ listener, fromOrdinal }) => {
      if (this.#options.audience.oldestOrdinal(listener.phase ?? 0) < fromOrdinal) return true
      this.#join(listener)
      return false
    })
  }

  get size(): number {
    return this.#listeners.size
  }

  dump(): RoomForwarderDump['downlinks'] {
    return [...this.#listeners.values()].map((listener) => ({
      participantNumber: listener.number,
      channel: this.#channelOf(listener),
      linkId: listener.link.id ?? null,
    }))
  }

  clear(): void {
    this.#listeners.clear()
    this.#latecomers = []
  }

  #seat(listener: Listener): void {
    const { audience } = this.#options
    if (listener.onStage) return
    listener.phase = audience.enter()
    if (listener.lastPhase !== null) audience.noteMove(listener.lastPhase, listener.phase)
  }

  #unseat(listener: Listener): void {
    if (listener.phase !== null) {
      this.#options.audience.leave(listener.phase)
      listener.lastPhase = listener.phase
    }
    listener.phase = null
    this.#latecomers = this.#latecomers.filter((latecomer) => latecomer.listener !== listener)
  }

  #join(listener: Listener): void {
    this.#options.fanout.join(listener.link, {
      channel: this.#channelOf(listener),
      listenerNumber: listener.number,
    })
  }

  /** Nothing is heard twice: for at most a packet's length they hear nothing. */
  #joinLater(listener: Listener): void {
    this.#options.fanout.leave(listener.link)
    this.#latecomers.push({ listener, fromOrdinal: this.#options.nextOrdinal() })
    this.admitLatecomers()
  }

  #channelOf(listener: Listener): number {
    return listener.phase === null ? STAGE_CHANNEL : this.#options.audience.channelOf(listener.phase)
  }

  /** People who leave may have left one phase much fuller than another. */
  #balance(): void {
    const { audience } = this.#options
    for (let phase = audience.crowdedPhase; phase !== null; phase = audience.crowdedPhase) {
      const listener = this.#oneOf(phase)
      if (!listener) return
      this.#unseat(listener)
      this.#seat(listener)
      this.#joinLater(listener)
    }
  }

  #oneOf(phase: number): Listener | null {
    for (const listener of this.#listeners.values()) if (listener.phase === phase) return listener
    return null
  }
}
