import type { TakeId } from '../contract/ids.ts'
import type { TakeClock } from '../contract/node-protocol.ts'
import { Refusal } from '../contract/reasons.ts'
import type { Participant, Recording } from '../contract/state.ts'
import type { TakeManifest } from '../contract/take.ts'
import type { RoomForwarder } from '../forward/room-forwarder.ts'
import type { TakeRecorder, TakeRecorderEvents } from '../record/take-recorder.ts'
import type { Change } from './ledger.ts'
import { speakerOf, timelineOf } from './timeline.ts'

export interface TakeStart {
  takeId: TakeId
  /** The take that this one goes on from, after a crash of the node. */
  continues: TakeId | null
}

export type EndedBy = NonNullable<TakeManifest['endedBy']>
type Failure = Parameters<TakeRecorderEvents['onFailed']>[0]

export interface RecordingControlOptions {
  forwarder: RoomForwarder
  /** @throws Refusal `disk-full`, `recording-failed`. */
  startTake(start: TakeStart, events: TakeRecorderEvents): TakeRecorder | Promise<TakeRecorder>
  onManifest(manifest: TakeManifest): void
  /** The running take has ended by itself. */
  onFailed(reason: Failure, detail: string): void
  onTrouble(error: unknown): void
}

interface Take {
  /** null while it is being made. */
  recorder: TakeRecorder | null
  /** Who may be recorded at this moment. */
  readonly recorded: Set<number>
  /** Of whom the timeline tells that they agreed: consent lasts to the end of the take, so it is told once. */
  readonly agreed: Set<number>
  /** `begin` was called. */
  running: boolean
  failure: Failure | null
}

/** One room's recorder: whom it may hear, and what it notes down (R60 to R72). */
export class RecordingControl {
  readonly #options: RecordingControlOptions
  #take: Take | null = null
  /** Takes that are being made, or whose files are being finished. */
  readonly #unsettled = new Set<Promise<unknown>>()

  constructor(options: RecordingControlOptions) {
    this.#options = options
  }

  /**
   * Makes the recorder ready; nothing is recorded before `begin`.
   * @throws Refusal `nothing-to-do` (there is a take, or `stop` came meanwhile), `disk-full`, `recording-failed`.
   */
  open(start: TakeStart): Promise<Recording> {
    const opening = this.#open(start)
    this.#settle(opening)
    return opening
  }

  /** From here on the stage is recorded, as far as it agreed. */
  begin(people: Iterable<Participant>): void {
    const take = this.#take
    if (!take?.recorder) return
    const { recorder, recorded } = take
    take.running = true
    this.#options.forwarder.setTap((participantNumber, packet, arrivalMs) => {
      if (recorded.has(participantNumber)) recorder.onPacket(participantNumber, packet, arrivalMs)
    })
    for (const participant of people) {
      this.follow({ before: null, after: participant })
      if (participant.onStage && !participant.connected) recorder.note('disconnected', speakerOf(participant))
    }
  }

  /** Somebody came, changed or left. */
  follow(change: Change): void {
    const person = change.after ?? change.before
    if (!person || !this.#take?.recorder || !this.#take.running) return
    const { recorder, recorded } = this.#take
    const speaker = speakerOf(person)
    const record = change.after !== null && mayBeRecorded(change.after)
    if (record && !recorded.has(person.number)) recorder.addSpeaker(speaker)
    if (record) recorded.add(person.number)
    else recorded.delete(person.number)
    for (const type of timelineOf(change)) {
      if (type === 'consented' && !isNew(this.#take.agreed, person.number)) continue
      recorder.note(type, speaker)
    }
  }

  /** Somebody does not agree; what follows from that comes by `follow`. */
  noteDeclined(participant: Participant): void {
    if (this.#take?.running) this.#take.recorder?.note('declined', speakerOf(participant))
  }

  /** @throws Refusal `no-take` where none runs. */
  clock(): TakeClock {
    const take = this.#take
    if (!take?.recorder || !take.running) throw new Refusal('no-take', 'no recording runs')
    return { takeId: take.recorder.manifest.takeId, takeMs: take.recorder.takeMs() }
  }

  /** Ends the take, if there is one. Its files are finished meanwhile: see `settled`. */
  stop(endedBy: EndedBy): void {
    const take = this.#take
    this.#take = null
    if (!take?.recorder) return
    this.#options.forwarder.setTap(null)
    this.#finish(take.recorder, endedBy)
  }

  /** Resolves when the files of every take are on disk. */
  async settled(): Promise<void> {
    while (this.#unsettled.size > 0) await Promise.allSettled(this.#unsettled)
  }

  dump() {
    const manifest = this.#take?.recorder?.manifest
    return manifest ? { takeId: manifest.takeId, tracks: manifest.tracks.length } : null
  }

  async #open(start: TakeStart): Promise<Recording> {
    if (this.#take) throw new Refusal('nothing-to-do', 'a recording runs')
    const take: Take = { recorder: null, recorded: new Set(), agreed: new Set(), running: false, failure: null }
    this.#take = take
    const recorder = await this.#makeRecorder(take, start)
    this.#options.onManifest(recorder.manifest)
    if (this.#take !== take || take.failure) {
      if (this.#take === take) this.#take = null
      this.#finish(recorder, take.failure ? endOf(take.failure) : 'stopped')
      throw new Refusal(take.failure ?? 'nothing-to-do', 'the recording ended before it began')
    }
    take.recorder = recorder
    return { takeId: start.takeId, startedAtMs: recorder.manifest.startedAtMs }
  }

  async #makeRecorder(take: Take, start: TakeStart): Promise<TakeRecorder> {
    try {
      return await this.#options.startTake(start, {
        onChanged: (manifest) => this.#options.onManifest(manifest),
        onFailed: (reason, detail) => this.#fail(take, reason, detail),
      })
    } catch (error) {
      if (this.#take === take) this.#take = null
      if (error instanceof Refusal) throw error
      this.#options.onTrouble(error)
      throw new Refusal('recording-failed', 'the recording could not be started')
    }
  }

  #fail(take: Take, reason: Failure, detail: string): void {
    take.failure = reason
    if (this.#take !== take || !take.recorder) return
    // The recorder has begun its own end; this waits for it.
    this.stop(endOf(reason))
    this.#options.onFailed(reason, detail)
  }

  #finish(recorder: TakeRecorder, endedBy: EndedBy): void {
    this.#settle(
      recorder.stop(endedBy).then(
        (manifest) => this.#options.onManifest(manifest),
        (error: unknown) => this.#options.onTrouble(error),
      ),
    )
  }

  #settle(work: Promise<unknown>): void {
    this.#unsettled.add(work)
    const done = () => this.#unsettled.delete(work)
    work.then(done, done)
  }
}

/** Puts it into the set. */
function isNew(numbers: Set<number>, number: number): boolean {
  const before = numbers.size
  return numbers.add(number).size > before
}

function endOf(failure: Failure): EndedBy {
  return failure === 'disk-full' ? 'disk-full' : 'failed'
}

/** Muted and off-stage voices do not even reach the recorder (R51): this is the second lock. */
function mayBeRecorded(participant: Participant): boolean {
  return participant.onStage && !participant.muted && participant.recordingConsent
}
