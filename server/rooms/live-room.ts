import type { NodeId, ParticipantId } from '../../sfu-core/contract/ids.ts'
import { ROOM_MAX_PARTICIPANTS, ROOM_UPDATES_KEPT } from '../../sfu-core/contract/limits.ts'
import type { OpenRoom, RoomPublication } from '../../sfu-core/contract/node-protocol.ts'
import { type ReasonCode, Refusal } from '../../sfu-core/contract/reasons.ts'
import { applyRoomEvents, type RoomEvent, type RoomSnapshot, type RoomState } from '../../sfu-core/contract/state.ts'
import { PUBLICATIONS_AHEAD_MAX } from '../limits.ts'
import { RoomLog, type RoomNews } from './room-log.ts'
import type { RoomRecord } from './room-record.ts'
import { Visits } from './visits.ts'

/** A room that is live: the server's copy of what its node publishes. One owner: LiveRooms. */
export class LiveRoom {
  readonly log = new RoomLog(ROOM_UPDATES_KEPT)
  record: RoomRecord
  readonly #visits = new Visits()
  readonly #stunServers: StunServers
  #nodeId: NodeId
  #nodeUp: boolean
  #state: RoomState
  #snapshot: RoomSnapshot | null
  #line: Line | null = null
  #ended: ReasonCode | null = null
  #counts: RoomCounts | null = null

  /** `nodeUp`: false for a room of an earlier run, until its node publishes. */
  constructor(record: RoomRecord, place: { nodeId: NodeId; nodeUp: boolean; stunServers?: StunServers }) {
    this.record = record
    this.#nodeId = place.nodeId
    this.#nodeUp = place.nodeUp
    this.#stunServers = place.stunServers ?? (() => [])
    this.#snapshot = record.snapshot
    this.#state = stateOf(record)
  }

  get nodeId(): NodeId {
    return this.#nodeId
  }
  get state(): RoomState {
    return this.#state
  }
  get nodeUp(): boolean {
    return this.#nodeUp
  }
  /** What tells a page its public address, as far as this room's node needs to know it. */
  get stunServers(): readonly string[] {
    return this.#stunServers(this.record)
  }
  get snapshot(): RoomSnapshot | null {
    return this.#snapshot
  }
  /** Why it ended; null while it is live. */
  get ended(): ReasonCode | null {
    return this.#ended
  }
  /** Names the last publication that is in `state`. */
  get eventId(): string {
    return this.#line === null ? 'none:0' : `${this.#line.epoch}:${this.#line.seq}`
  }

  get counts(): RoomCounts {
    this.#counts ??= countPeople(this.#state)
    return this.#counts
  }

  /**
   * Takes what the node published. Events that overtook an earlier publication wait for it.
   * @throws Refusal `input-invalid` for events that can never be put in order: a whole state is needed; `room-full`
   *   for more people than a room may have.
   */
  publish(publication: RoomPublication): void {
    if (this.#ended !== null) return
    if (publication.body.type === 'state') {
      this.#takeState(publication, publication.body.state)
      return
    }
    const line = this.#line
    if (line === null || line.epoch !== publication.epoch) {
      throw new Refusal('input-invalid', 'A whole state must come first.')
    }
    if (publication.seq <= line.seq) return
    line.ahead.set(publication.seq, publication)
    if (line.ahead.size > PUBLICATIONS_AHEAD_MAX) throw new Refusal('input-invalid', 'A publication is missing.')
    this.#takeWaiting(line)
  }

  setNodeUp(up: boolean): void {
    if (this.#nodeUp === up || this.#ended !== null) return
    this.#nodeUp = up
    this.#tell({ type: 'node', up })
  }

  /** The node was lost and another takes over; people join again when it has published. The same node: nothing. */
  moveTo(nodeId: NodeId): void {
    if (nodeId === this.#nodeId) return
    this.setNodeUp(false)
    this.#nodeId = nodeId
    this.#line = null
  }

  end(reason: ReasonCode): void {
    if (this.#ended !== null) return
    this.#ended = reason
    this.#tell({ type: 'ended', reason })
  }

  isRemoved(participantId: ParticipantId): boolean {
    return this.#snapshot?.removed.includes(participantId) ?? false
  }

  /** The account sits on its seat from this page now; feeds of the page before end. */
  beginVisit(participantId: ParticipantId, visitId: string): void {
    this.#visits.begin(participantId, visitId)
    this.log.wake()
  }

  isVisitOver(participantId: ParticipantId, visitId: string): boolean {
    return this.#visits.isOver(participantId, visitId)
  }

  #takeState(publication: RoomPublication, state: RoomState): void {
    assertFits(state)
    this.#line = { epoch: publication.epoch, seq: publication.seq, ahead: new Map() }
    this.#keepSnapshot(publication)
    this.#replaceState(state)
    this.setNodeUp(true)
    this.#tell({ type: 'state' })
  }

  #takeWaiting(line: Line): void {
    for (let next = line.ahead.get(line.seq + 1); next !== undefined; next = line.ahead.get(line.seq + 1)) {
      line.ahead.delete(next.seq)
      line.seq = next.seq
      this.#keepSnapshot(next)
      if (next.body.type === 'events') this.#takeEvents(next.body.events)
    }
    this.setNodeUp(true)
  }

  #takeEvents(events: RoomEvent[]): void {
    this.#replaceState(applyRoomEvents(this.#state, events))
    this.#tell({ type: 'events', events })
  }

  #replaceState(state: RoomState): void {
    assertFits(state)
    this.#state = state
    this.#counts = null
    const { audiencePacketMs } = state
    if (this.record.audiencePacketMs !== audiencePacketMs) this.record = { ...this.record, audiencePacketMs }
  }

  #keepSnapshot({ snapshot }: RoomPublication): void {
    if (snapshot !== undefined) this.#snapshot = snapshot
  }

  #tell(news: RoomNews): void {
    this.log.add({ eventId: this.eventId, news })
  }
}

/** Asked each time: relays come and go. */
export type StunServers = (room: Pick<RoomRecord, 'hosting'>) => readonly string[]

/** What a node is told to open, or open again. */
export function openRoomOf({ record, snapshot }: LiveRoom): OpenRoom {
  const { roomId, title, audiencePacketMs } = record
  return { roomId, title, audiencePacketMs, snapshot }
}

/** The server keeps and sends what the node says, but not without end. A full room still lets its host in (SPEC R6). */
function assertFits({ participants }: RoomState): void {
  if (Object.keys(participants).length <= ROOM_MAX_PARTICIPANTS + 1) return
  throw new Refusal('room-full', `A room has at most ${ROOM_MAX_PARTICIPANTS} people.`)
}

/** Where the node's publications stand. */
interface Line {
  epoch: string
  seq: number
  /** Came before an earlier one. */
  ahead: Map<number, RoomPublication>
}

export interface RoomCounts {
  onStage: number
  listeners: number
}

function countPeople(state: RoomState): RoomCounts {
  const counts = { onStage: 0, listeners: 0 }
  for (const participant of Object.values(state.participants)) {
    if (!participant.connected) continue
    if (participant.onStage) counts.onStage += 1
    else counts.listeners += 1
  }
  return counts
}

/**
 * Until the node is back: the seats it will restore, nobody in them; and the recording that it goes on with, so that the speakers' own
 * computers do not stop taping meanwhile.
 */
function stateOf({ snapshot, audiencePacketMs }: RoomRecord): RoomState {
  const seats = (snapshot?.seats ?? []).map((seat) => [seat.id, { ...seat, connected: false }] as const)
  return { participants: Object.fromEntries(seats), recording: snapshot?.recording ?? null, audiencePacketMs }
}
