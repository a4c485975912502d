import type { Clock } from '../clock.ts'
import type { ParticipantId } from '../contract/ids.ts'
import { SEAT_GRACE_MS } from '../contract/limits.ts'
import type { ReasonCode } from '../contract/reasons.ts'
import type { Participant } from '../contract/state.ts'
import type { RoomForwarder } from '../forward/room-forwarder.ts'
import type { MediaLink } from '../transport/transport.ts'
import { FIRST_CONNECT_MS } from './limits.ts'
import type { Line } from './line.ts'

interface Seat {
  readonly number: number
  link: MediaLink | null
  line: Line | null
  /** Runs while the seat is not connected. */
  cancelTimer: () => void
}

export interface SeatsOptions {
  clock: Clock
  forwarder: RoomForwarder
  onConnected(participantId: ParticipantId, connected: boolean): void
  /** Nobody came (back) in time. */
  onGivenUp(participantId: ParticipantId, reason: ReasonCode): void
}

/** The links behind the seats: one link a seat, and a timer where there is none that lives (R82 to R87). */
export class Seats {
  readonly #options: SeatsOptions
  readonly #seats = new Map<ParticipantId, Seat>()

  constructor(options: SeatsOptions) {
    this.#options = options
  }

  /** Gives a seat its link. An earlier link of the seat is closed. */
  connect(participant: Participant, link: MediaLink, line: Line): void {
    const known = this.#seats.get(participant.id)
    const seat = known ?? this.#add(participant)
    this.#unlink(seat)
    seat.link = link
    seat.line = line
    this.#options.forwarder.attach(seat.number, link)
    if (known) this.#wait(participant.id, seat, { delayMs: SEAT_GRACE_MS, reason: 'timed-out' })
    else this.#wait(participant.id, seat, { delayMs: FIRST_CONNECT_MS, reason: 'media-failed' })
    line.give({
      participantNumber: seat.number,
      forwarder: this.#options.forwarder,
      onConnected: (connected) => this.#heard(participant.id, seat, connected),
      onClosed: () => this.#lost(participant.id, seat),
    })
  }

  /** A seat from an earlier life of the room: kept for as long as that of a person who just dropped. */
  expect(participant: Participant): void {
    this.#wait(participant.id, this.#add(participant), { delayMs: SEAT_GRACE_MS, reason: 'timed-out' })
  }

  /** The seat is given up. Silent. */
  drop(participantId: ParticipantId): void {
    const seat = this.#seats.get(participantId)
    if (!seat) return
    this.#seats.delete(participantId)
    seat.cancelTimer()
    this.#unlink(seat)
  }

  close(): void {
    for (const participantId of [...this.#seats.keys()]) this.drop(participantId)
  }

  linkOf(participantId: ParticipantId): MediaLink | null {
    return this.#seats.get(participantId)?.link ?? null
  }

  get linkCount(): number {
    let links = 0
    for (const seat of this.#seats.values()) if (seat.link) links += 1
    return links
  }

  #add(participant: Participant): Seat {
    const seat: Seat = { number: participant.number, link: null, line: null, cancelTimer: () => {} }
    this.#seats.set(participant.id, seat)
    return seat
  }

  #heard(participantId: ParticipantId, seat: Seat, connected: boolean): void {
    if (connected) seat.cancelTimer()
    else this.#wait(participantId, seat, { delayMs: SEAT_GRACE_MS, reason: 'timed-out' })
    this.#options.onConnected(participantId, connected)
  }

  #lost(participantId: ParticipantId, seat: Seat): void {
    this.#unlink(seat)
    this.#heard(participantId, seat, false)
  }

  #wait(participantId: ParticipantId, seat: Seat, end: { delayMs: number; reason: ReasonCode }): void {
    seat.cancelTimer()
    seat.cancelTimer = this.#options.clock.after(end.delayMs, () => this.#options.onGivenUp(participantId, end.reason))
  }

  #unlink(seat: Seat): void {
    const { link, line } = seat
    if (!link) return
    seat.link = null
    seat.line = null
    line?.release()
    this.#options.forwarder.detach(seat.number)
    link.close()
  }
}
