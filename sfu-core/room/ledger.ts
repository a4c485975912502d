import type { ParticipantId, RoomId } from '../contract/ids.ts'
import type { AudiencePacketMs } from '../contract/media.ts'
import type { OpenRoom } from '../contract/node-protocol.ts'
import type { Participant, Recording, RoomEvent, RoomSnapshot, RoomState } from '../contract/state.ts'
import { NUMBERS_RESERVED, REMOVED_MAX_PEOPLE, SNAPSHOT_MAX_SEATS } from './limits.ts'
import type { RoomView } from './rules/room-view.ts'

/** What an event did to one person; null where they were not there, or are not there any more. */
export interface Change {
  before: Participant | null
  after: Participant | null
}

/** The one owner of a room's state: the rules read it, events alone change it. */
export class Ledger implements RoomView {
  readonly roomId: RoomId
  readonly #participants = new Map<ParticipantId, Participant>()
  readonly #removed = new Set<ParticipantId>()
  #recording: Recording | null = null
  #audiencePacketMs: AudiencePacketMs
  #nextNumber = 1
  #snapshotStale = true

  /** The seats of a snapshot come back disconnected. */
  constructor({ roomId, snapshot, audiencePacketMs }: Pick<OpenRoom, 'roomId' | 'snapshot' | 'audiencePacketMs'>) {
    this.roomId = roomId
    this.#audiencePacketMs = audiencePacketMs
    if (snapshot) this.#restore(snapshot)
  }

  get participants(): ReadonlyMap<ParticipantId, Participant> {
    return this.#participants
  }

  get removed(): ReadonlySet<ParticipantId> {
    return this.#removed
  }

  get recording(): Recording | null {
    return this.#recording
  }

  get audiencePacketMs(): AudiencePacketMs {
    return this.#audiencePacketMs
  }

  get nextNumber(): number {
    return this.#nextNumber
  }

  /** What everybody in the room sees, with those people. */
  stateWith(people: Iterable<Participant>): RoomState {
    const participants = Object.fromEntries(Array.from(people, (participant) => [participant.id, participant]))
    return { participants, recording: this.#recording, audiencePacketMs: this.#audiencePacketMs }
  }

  /** What a restart must bring back has changed since `takeSnapshot`. */
  get snapshotStale(): boolean {
    return this.#snapshotStale
  }

  apply(event: RoomEvent): Change[] {
    switch (event.type) {
      case 'participant':
        return [this.#put(event.participant)]
      case 'left':
        return this.#drop(event.participantId, event.reason === 'removed')
      case 'recording':
        this.#recording = event.recording
        this.#snapshotStale = true
        return []
      case 'audience-packet':
        this.#audiencePacketMs = event.audiencePacketMs
        return []
      case 'ended':
        this.#recording = null
        return [...this.#participants.keys()].flatMap((participantId) => this.#drop(participantId, false))
    }
  }

  /** Marks the snapshot as taken. */
  takeSnapshot(): RoomSnapshot {
    this.#snapshotStale = false
    return {
      seats: [...this.#participants.values()].filter(mattersAfterRestart).sort(byWeight).slice(0, SNAPSHOT_MAX_SEATS),
      removed: [...this.#removed],
      nextNumber: reservedAbove(this.#nextNumber),
      recording: this.#recording,
    }
  }

  /** The snapshot that was taken did not arrive. */
  markSnapshotStale(): void {
    this.#snapshotStale = true
  }

  #restore(snapshot: RoomSnapshot): void {
    for (const seat of snapshot.seats) this.#participants.set(seat.id, { ...seat, connected: false })
    for (const participantId of snapshot.removed) this.#removed.add(participantId)
    this.#recording = snapshot.recording
    this.#nextNumber = Math.max(snapshot.nextNumber, ...snapshot.seats.map((seat) => seat.number + 1))
  }

  #put(after: Participant): Change {
    const before = this.#participants.get(after.id) ?? null
    this.#participants.set(after.id, after)
    if (after.number >= this.#nextNumber) this.#giveNumber(after.number)
    if (differsAfterRestart(before, after)) this.#snapshotStale = true
    return { before, after }
  }

  #giveNumber(number: number): void {
    if (reservedAbove(number + 1) !== reservedAbove(this.#nextNumber)) this.#snapshotStale = true
    this.#nextNumber = number + 1
  }

  #drop(participantId: ParticipantId, forGood: boolean): Change[] {
    const before = this.#participants.get(participantId)
    if (!before) return []
    this.#participants.delete(participantId)
    if (forGood) this.#remember(participantId)
    if (forGood || mattersAfterRestart(before)) this.#snapshotStale = true
    return [{ before, after: null }]
  }

  #remember(participantId: ParticipantId): void {
    this.#removed.add(participantId)
    const [first] = this.#removed
    if (this.#removed.size > REMOVED_MAX_PEOPLE && first !== undefined) this.#removed.delete(first)
  }
}

/** Listeners without a mark just join anew. */
function mattersAfterRestart(participant: Participant): boolean {
  const { rank, onStage, handRaisedAtMs, invitedToStage } = participant
  return rank !== 'member' || onStage || handRaisedAtMs !== null || invitedToStage
}

/** A connection alone is no difference: after a restart nobody is connected. */
function differsAfterRestart(before: Participant | null, after: Participant): boolean {
  const mattered = before !== null && mattersAfterRestart(before)
  if (!mattersAfterRestart(after)) return mattered
  if (!mattered) return true
  const keys = Object.keys(after) as (keyof Participant)[]
  return keys.some((key) => key !== 'connected' && before[key] !== after[key])
}

/** Steps of NUMBERS_RESERVED, and always at least that many free. */
function reservedAbove(nextNumber: number): number {
  return (Math.floor((nextNumber - 1) / NUMBERS_RESERVED) + 2) * NUMBERS_RESERVED + 1
}

/** Stage first, then hosts, then hands in their order, so that a cut hits the last hands. */
export function byWeight(a: Participant, b: Participant): number {
  return weight(a) - weight(b) || handOrder(a) - handOrder(b) || a.number - b.number
}

function weight(participant: Participant): number {
  if (participant.onStage) return 0
  if (participant.rank !== 'member') return 1
  if (participant.handRaisedAtMs !== null) return 2
  return participant.invitedToStage ? 3 : 4
}

function handOrder(participant: Participant): number {
  return participant.handRaisedAtMs ?? 0
}
