import { nanoid } from 'nanoid'
import type { Clock } from '../clock.ts'
import type { RoomAction } from '../contract/actions.ts'
import { type ParticipantId, type RoomId, takeIdSchema } from '../contract/ids.ts'
import type { JoinAnswer, OpenRoom, RoomPublication, TakeClock } from '../contract/node-protocol.ts'
import { type ReasonCode, Refusal } from '../contract/reasons.ts'
import type { Participant, Recording, RoomEvent, RoomState } from '../contract/state.ts'
import type { TakeManifest } from '../contract/take.ts'
import type { RoomClaims } from '../contract/token.ts'
import type { RoomForwarder } from '../forward/room-forwarder.ts'
import type { TakeRecorder, TakeRecorderEvents } from '../record/take-recorder.ts'
import type { MediaTransport } from '../transport/transport.ts'
import { type AcceptedLink, Admission } from './admission.ts'
import { type Change, Ledger } from './ledger.ts'
import { Publisher } from './publisher.ts'
import { type EndedBy, RecordingControl, type TakeStart } from './recording-control.ts'
import { decide } from './rules/decide.ts'
import { enter, giveUpSeat, setConnected } from './rules/entry.ts'
import { recordingContinues, recordingEnded } from './rules/recording.ts'
import type { Decision, Outcome } from './rules/room-view.ts'
import { Seats } from './seats.ts'

export interface RoomOptions {
  room: OpenRoom
  clock: Clock
  transport: MediaTransport
  /** Becomes the room's own: it closes it. */
  forwarder: RoomForwarder
  /** Checks a room token for this room. @throws Refusal `token-*`. */
  verify(token: string): Promise<RoomClaims>
  publish(publication: RoomPublication): Promise<void>
  /** @throws Refusal `disk-full`, `recording-failed`. */
  startTake(start: TakeStart & { roomTitle: string }, events: TakeRecorderEvents): TakeRecorder | Promise<TakeRecorder>
  /** A take began, changed or ended. */
  onManifest(manifest: TakeManifest): void
  /** The server says that the room is not live here (any more): the room is to be closed. */
  onNotLive(): void
  /** Something went wrong that the room lives through: for the log. */
  onTrouble(message: string, error: unknown): void
}

/** How a room comes to its end on this node. `node-closed`: the room itself goes on, and may be restored elsewhere. */
export type RoomEnd = { type: 'ended'; reason: ReasonCode } | { type: 'node-closed' }

/**
 * One live room: the owner of its state. Rules decide (rules/, SPEC.md), the ledger remembers, and
 * seats, recorder and publisher follow the changes.
 */
export class Room {
  readonly roomId: RoomId
  readonly #options: RoomOptions
  readonly #ledger: Ledger
  readonly #seats: Seats
  readonly #admission: Admission
  readonly #recording: RecordingControl
  readonly #publisher: Publisher
  #closing: Promise<void> | null = null

  constructor(options: RoomOptions) {
    const { room, clock, transport, forwarder, publish, onTrouble } = options
    this.roomId = room.roomId
    this.#options = options
    this.#ledger = new Ledger(room)
    this.#admission = new Admission(transport, clock)
    this.#publisher = new Publisher({
      ledger: this.#ledger,
      clock,
      send: publish,
      onTrouble: (error) => onTrouble('a publication failed', error),
      onNotLive: options.onNotLive,
    })
    this.#seats = new Seats({
      clock,
      forwarder,
      onConnected: (participantId, connected) => this.#apply(setConnected(this.#ledger, participantId, connected)),
      onGivenUp: (participantId, reason) => this.#apply(giveUpSeat(this.#ledger, participantId, reason)),
    })
    this.#recording = new RecordingControl({
      forwarder,
      startTake: (start, events) => options.startTake({ ...start, roomTitle: room.title }, events),
      onManifest: options.onManifest,
      onFailed: (reason, detail) => this.#recordingFailed(reason, new Error(detail)),
      onTrouble: (error) => onTrouble('a take was not finished', error),
    })
    this.#restore()
    this.#publisher.publishWhole()
  }

  /**
   * Lets somebody in, or back into their seat.
   * @throws Refusal `token-*`, `removed`, `room-full`, `too-many-requests`, `offer-*`, `media-failed`, `replaced`, `room-ended`.
   */
  async join(token: string, offerSdp: string): Promise<JoinAnswer> {
    const claims = await this.#options.verify(token)
    this.#admissible(claims)
    return this.#admission.admit(claims.participantId, offerSdp, (accepted) => this.#seat(claims, accepted))
  }

  /**
   * Does what somebody asks, if the rules allow it.
   * @throws Refusal with the rule's reason.
   */
  async act(participantId: ParticipantId, action: RoomAction): Promise<void> {
    const now = { takeId: newTakeId(), startedAtMs: this.#options.clock.nowMs() }
    const outcome = this.#decide(participantId, action, now)
    if (action.type === 'start-recording') return this.#startRecording(participantId, now)
    if (action.type === 'answer-recording' && !action.agree) this.#noteDeclined(participantId)
    this.#apply(outcome)
    if (action.type === 'stop-recording') this.#recording.stop('stopped')
  }

  /** More addresses of somebody's page. Whoever has no link needs none: that is a race, and no fault. */
  addCandidates(participantId: ParticipantId, lines: readonly string[]): void {
    this.#seats.linkOf(participantId)?.addRemoteCandidates?.(lines)
  }

  /** Where the running take's clock stands. @throws Refusal `no-take`. */
  takeClock(): TakeClock {
    return this.#recording.clock()
  }

  /** After each registration: the server's copy is not to be trusted. */
  publishWhole(): void {
    this.#publisher.publishWhole()
  }

  /** People with an audio path, or on their way to one. */
  get linkCount(): number {
    return this.#seats.linkCount
  }

  /** What everybody in the room sees, as a copy. */
  state(): RoomState {
    return this.#ledger.stateWith(this.#ledger.participants.values())
  }

  /** People who may not come back. */
  get removed(): ReadonlySet<ParticipantId> {
    return this.#ledger.removed
  }

  /** Resolves when the files of its takes are on disk. Idempotent: later calls get the first one's promise. */
  close(end: RoomEnd): Promise<void> {
    this.#closing ??= this.#close(end)
    return this.#closing
  }

  dump() {
    const { participants, recording, nextNumber, removed } = this.#ledger
    return {
      roomId: this.roomId,
      participants: participants.size,
      links: this.#seats.linkCount,
      removed: removed.size,
      nextNumber,
      recording,
      take: this.#recording.dump(),
      publisher: this.#publisher.dump(),
      forwarder: this.#options.forwarder.dump(),
    }
  }

  #restore(): void {
    for (const participant of this.#ledger.participants.values()) {
      this.#seats.expect(participant)
      this.#tellForwarder(participant)
    }
    const { recording } = this.#ledger
    if (recording) void this.#continueRecording(recording)
  }

  #admissible(claims: RoomClaims): Outcome {
    this.#assertOpen()
    const isNew = (participantId: ParticipantId) =>
      participantId !== claims.participantId && !this.#ledger.participants.has(participantId)
    return allowed(enter(this.#ledger, claims, this.#admission.countWaiting(isNew)))
  }

  /** Asks the rules again: while the transport made the answer, the room may have changed. */
  #seat(claims: RoomClaims, { link, line }: AcceptedLink): JoinAnswer {
    this.#apply(this.#admissible(claims))
    const entered = this.#participant(claims.participantId)
    // First: so that the link is in the right channel from its first packet on.
    this.#tellForwarder(entered)
    this.#seats.connect(entered, link, line)
    return { answerSdp: link.answerSdp, participant: this.#participant(claims.participantId) }
  }

  async #startRecording(actorId: ParticipantId, now: Recording): Promise<void> {
    const take = await this.#recording.open({ takeId: now.takeId, continues: null })
    try {
      // While the files were made, the room may have changed.
      this.#apply(this.#decide(actorId, { type: 'start-recording' }, take))
    } catch (error) {
      this.#recording.stop('stopped')
      throw error
    }
    this.#recording.begin(this.#ledger.participants.values())
  }

  async #continueRecording(earlier: Recording): Promise<void> {
    try {
      const take = await this.#recording.open({ takeId: newTakeId(), continues: earlier.takeId })
      this.#apply(recordingContinues(take))
      this.#recording.begin(this.#ledger.participants.values())
    } catch (error) {
      const refusal = error instanceof Refusal ? error.code : 'recording-failed'
      // `nothing-to-do`: somebody stopped it, or the room closed, before it could go on.
      if (refusal !== 'nothing-to-do') this.#recordingFailed(refusal, error)
    }
  }

  #recordingFailed(reason: ReasonCode, error: unknown): void {
    this.#options.onTrouble('the recording ended by itself', error)
    this.#apply(recordingEnded(this.#ledger, reason))
  }

  #decide(actorId: ParticipantId, action: RoomAction, take: Recording): Outcome {
    this.#assertOpen()
    return allowed(decide(this.#ledger, { actorId, action, nowMs: this.#options.clock.nowMs(), take }))
  }

  #noteDeclined(participantId: ParticipantId): void {
    this.#recording.noteDeclined(this.#participant(participantId))
  }

  #apply(outcome: Outcome): void {
    for (const event of outcome.events) this.#applyEvent(event)
  }

  #applyEvent(event: RoomEvent): void {
    const changes = this.#ledger.apply(event)
    this.#publisher.note(event)
    if (event.type === 'audience-packet') this.#options.forwarder.setAudiencePacketMs(event.audiencePacketMs)
    for (const change of changes) this.#follow(change)
  }

  #follow(change: Change): void {
    const { before, after } = change
    const person = after ?? before
    if (!person) return
    const audible = after !== null && isAudible(after)
    const onStage = after?.onStage ?? false
    if (audible !== (before !== null && isAudible(before))) this.#options.forwarder.setAudible(person.number, audible)
    if (onStage !== (before?.onStage ?? false)) this.#options.forwarder.setOnStage(person.number, onStage)
    this.#recording.follow(change)
    if (!after) this.#seats.drop(person.id)
  }

  #tellForwarder(participant: Participant): void {
    this.#options.forwarder.setAudible(participant.number, isAudible(participant))
    this.#options.forwarder.setOnStage(participant.number, participant.onStage)
  }

  async #close(end: RoomEnd): Promise<void> {
    const endedBy: EndedBy = end.type === 'ended' ? 'room-ended' : 'node-closed'
    this.#recording.stop(endedBy)
    if (end.type === 'ended') this.#end(end.reason)
    this.#publisher.close()
    this.#seats.close()
    this.#options.forwarder.close()
    await this.#recording.settled()
  }

  #end(reason: ReasonCode): void {
    const ended: RoomEvent = { type: 'ended', reason }
    for (const change of this.#ledger.apply(ended)) this.#follow(change)
    this.#publisher.finish(ended)
  }

  #assertOpen(): void {
    if (this.#closing) throw new Refusal('room-ended', 'the room has ended')
  }

  #participant(participantId: ParticipantId): Participant {
    const participant = this.#ledger.participants.get(participantId)
    if (!participant) throw new Error(`no seat for ${participantId} after it was given`)
    return participant
  }
}

/** R51: the one condition under which packets go out. */
function isAudible(participant: Participant): boolean {
  return participant.onStage && !participant.muted
}

function allowed(decision: Decision): Outcome {
  if (decision instanceof Refusal) throw decision
  return decision
}

function newTakeId() {
  return takeIdSchema.parse(nanoid())
}
