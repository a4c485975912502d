import { nanoid } from 'nanoid'
import type { Clock } from '../clock.ts'
import type { RoomPublication } from '../contract/node-protocol.ts'
import { Refusal } from '../contract/reasons.ts'
import type { RoomEvent } from '../contract/state.ts'
import { byWeight, type Ledger } from './ledger.ts'
import { PENDING_EVENTS_MAX, PUBLICATION_MAX_EVENTS, PUBLISH_RETRY_MAX_MS, PUBLISH_RETRY_MIN_MS } from './limits.ts'

type Body = RoomPublication['body']

export interface PublisherOptions {
  ledger: Ledger
  clock: Clock
  /** Resolves when the server has it; rejects when it has not. */
  send(publication: RoomPublication): Promise<void>
  /** A publication failed; the whole state follows. */
  onTrouble(error: unknown): void
  /** The server runs no such room here; nothing more is sent (R150). */
  onNotLive(): void
}

/**
 * Keeps the copies of a room's state up to date: one publication in flight, in order; what happens
 * meanwhile goes into the next one. Whatever fails or overflows is made good by a whole state
 * (SPEC.md R120 to R126).
 */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #epoch = nanoid()
  #seq = 0
  /** Parts of a whole state that are still to be sent; at most ROOM_MAX_PARTICIPANTS / PUBLICATION_MAX_EVENTS. */
  #parts: Body[] = []
  #pending: RoomEvent[] = []
  #wholeNeeded = true
  /** Counts the runs of `#run`: a run that is not the last one leaves everything alone. */
  #runs = 0
  #state: 'idle' | 'sending' | 'failed' | 'closed' = 'idle'
  #retryMs = PUBLISH_RETRY_MIN_MS
  #cancelRetry: () => void = () => {}

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /** The ledger has applied this event. */
  note(event: RoomEvent): void {
    if (this.#state === 'closed') return
    if (!this.#wholeNeeded) this.#pending.push(event)
    if (this.#pending.length > PENDING_EVENTS_MAX) this.#dropToWhole()
    if (this.#state === 'idle') this.#start()
  }

  /** The line is up (again): the copies are not to be trusted, and what was in flight is not waited for. */
  publishWhole(): void {
    if (this.#state === 'closed') return
    this.#dropToWhole()
    this.#retryMs = PUBLISH_RETRY_MIN_MS
    this.#start()
  }

  /** The room is over: sends `last` and then nothing more. */
  finish(last: RoomEvent): void {
    if (this.#state === 'closed') return
    this.close()
    const body: Body = { type: 'events', events: [...this.#pending.slice(-PUBLICATION_MAX_EVENTS), last] }
    // A server that ended the room itself takes no more of it, and one that is away hears of it by the next welcome.
    this.#send(body).catch(() => {})
  }

  /** Sends nothing more. Idempotent. */
  close(): void {
    this.#state = 'closed'
    this.#cancelRetry()
  }

  dump() {
    return { epoch: this.#epoch, seq: this.#seq, state: this.#state, pendingEvents: this.#pending.length }
  }

  #dropToWhole(): void {
    this.#wholeNeeded = true
    this.#pending = []
    this.#parts = []
  }

  #start(): void {
    this.#cancelRetry()
    this.#state = 'sending'
    this.#runs += 1
    const run = this.#runs
    // After the events of this turn: they go into one publication.
    queueMicrotask(() => void this.#run(run))
  }

  async #run(run: number): Promise<void> {
    const stopped = () => run !== this.#runs || this.#state === 'closed'
    while (!stopped()) {
      const body = this.#next()
      if (!body) {
        this.#state = 'idle'
        return
      }
      try {
        await this.#send(body)
        this.#retryMs = PUBLISH_RETRY_MIN_MS
      } catch (error) {
        if (!stopped()) this.#fail(error)
        return
      }
    }
  }

  #next(): Body | null {
    if (this.#wholeNeeded) {
      this.#wholeNeeded = false
      this.#parts = wholeState(this.#options.ledger)
      this.#options.ledger.markSnapshotStale()
    }
    const part = this.#parts.shift()
    if (part) return part
    if (this.#pending.length === 0) return null
    return { type: 'events', events: this.#pending.splice(0, PUBLICATION_MAX_EVENTS) }
  }

  async #send(body: Body): Promise<void> {
    const { ledger, send } = this.#options
    const seq = this.#seq
    this.#seq += 1
    const snapshot = ledger.snapshotStale ? { snapshot: ledger.takeSnapshot() } : {}
    await send({ roomId: ledger.roomId, epoch: this.#epoch, seq, body, ...snapshot })
  }

  #fail(error: unknown): void {
    this.#options.onTrouble(error)
    if (error instanceof Refusal && error.code === 'room-not-live') {
      this.close()
      this.#options.onNotLive()
      return
    }
    this.#dropToWhole()
    this.#state = 'failed'
    this.#cancelRetry = this.#options.clock.after(this.#retryMs, () => this.#start())
    this.#retryMs = Math.min(this.#retryMs * 2, PUBLISH_RETRY_MAX_MS)
  }
}

/** A whole state as one message that always fits, and the rest of the people as events behind it (R124). */
function wholeState(ledger: Ledger): Body[] {
  const people = [...ledger.participants.values()].sort(byWeight)
  const first = people.splice(0, PUBLICATION_MAX_EVENTS)
  const bodies: Body[] = [{ type: 'state', state: ledger.stateWith(first) }]
  while (people.length > 0) {
    const events = people.splice(0, PUBLICATION_MAX_EVENTS)
    bodies.push({ type: 'events', events: events.map((participant) => ({ type: 'participant', participant })) })
  }
  return bodies
}
