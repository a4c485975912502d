import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { RoomId, TakeId } from '../contract/ids.ts'
import { OPUS_CLOCK_RATE_HZ } from '../contract/media.ts'
import { TAKE_FORMAT_VERSION, TAKE_MANIFEST_NAME, type TakeEvent, type TakeManifest } from '../contract/take.ts'
import type { UplinkPacket } from '../transport/transport.ts'
import { nodeRecordFs, type RecordFs } from './record-fs.ts'
import type { RecordedSpeaker, TakeRecorder, TakeRecorderEvents } from './take-recorder.ts'
import { TrackWriter } from './track-writer.ts'

interface TakeRecorderOptions {
  /** The take's own folder; made if need be. */
  folder: string
  takeId: TakeId
  roomId: RoomId
  roomTitle: string
  /** The take that this one goes on from, after a crash of the node. */
  continues: TakeId | null
  clock: Clock
  events: TakeRecorderEvents
  fs?: RecordFs
}

/** The take begins now: this moment is the zero of its clock. The disk's refusals come by `events.onFailed`. */
export function createTakeRecorder(options: TakeRecorderOptions): TakeRecorder {
  return new DiskTakeRecorder(options)
}

/** How often packets that wait are looked at, and half-full pages. */
const TICK_MS = 100
const SAMPLES_PER_MS = OPUS_CLOCK_RATE_HZ / 1000
/** Joining and leaving of a room of 2,000 over a day stays below it; beyond, the timeline stops, not the recording. */
const MAX_TIMELINE_EVENTS = 50_000

type EndedBy = NonNullable<TakeManifest['endedBy']>

class DiskTakeRecorder implements TakeRecorder {
  readonly #options: TakeRecorderOptions
  readonly #fs: RecordFs
  readonly #startedAtMs: number
  readonly #startedMonotonicMs: number
  readonly #writers = new Map<number, TrackWriter>()
  readonly #participants = new Map<number, RecordedSpeaker>()
  readonly #timeline: TakeEvent[] = []
  #ended: { atMs: number; by: EndedBy } | null = null
  #stopping: Promise<TakeManifest> | null = null
  #failed = false
  #cancelTick: () => void
  #saving: Promise<unknown>
  /** A save that waits for the one under way: it takes in all that changes until then. */
  #nextSave: Promise<void> | null = null

  constructor(options: TakeRecorderOptions) {
    this.#options = options
    this.#fs = options.fs ?? nodeRecordFs
    this.#startedAtMs = options.clock.nowMs()
    this.#startedMonotonicMs = options.clock.monotonicMs()
    this.#cancelTick = options.clock.after(TICK_MS, () => this.#tick())
    this.#saving = this.#guard(() => this.#fs.makeFolder(options.folder))
    this.#changed()
  }

  get manifest(): TakeManifest {
    const { takeId, roomId, roomTitle, continues } = this.#options
    return {
      version: TAKE_FORMAT_VERSION,
      takeId,
      roomId,
      roomTitle,
      startedAtMs: this.#startedAtMs,
      endedAtMs: this.#ended?.atMs ?? null,
      endedBy: this.#ended?.by ?? null,
      continues,
      participants: [...this.#participants.values()],
      tracks: [...this.#writers.values()].flatMap((writer) => writer.track ?? []),
      timeline: [...this.#timeline],
    }
  }

  takeMs(): number {
    return this.#options.clock.monotonicMs() - this.#startedMonotonicMs
  }

  addSpeaker(speaker: RecordedSpeaker): void {
    if (this.#stopping || this.#writers.has(speaker.number)) return
    this.#know(speaker)
    this.#writers.set(
      speaker.number,
      new TrackWriter({
        folder: this.#options.folder,
        fs: this.#fs,
        speaker: pickSpeaker(speaker),
        tags: {
          title: this.#options.roomTitle,
          comments: { ENGAWA_TAKE: this.#options.takeId, ENGAWA_TAKE_STARTED_AT_MS: String(this.#startedAtMs) },
        },
        onBegin: () => this.#changed(),
        onFailed: (error) => this.#fail(error),
      }),
    )
  }

  #know(speaker: RecordedSpeaker): void {
    if (!this.#participants.has(speaker.number)) this.#participants.set(speaker.number, pickSpeaker(speaker))
  }

  onPacket(participantNumber: number, packet: UplinkPacket, arrivalMs: number): void {
    if (this.#stopping) return
    this.#writers.get(participantNumber)?.onPacket(packet, this.#samplesAt(arrivalMs))
  }

  #samplesAt(monotonicMs: number): number {
    return (monotonicMs - this.#startedMonotonicMs) * SAMPLES_PER_MS
  }

  note(type: TakeEvent['type'], participant: RecordedSpeaker): void {
    if (this.#stopping || this.#timeline.length >= MAX_TIMELINE_EVENTS) return
    this.#know(participant)
    const atMs = Math.round(this.takeMs())
    this.#timeline.push({ atMs, type, participantId: participant.participantId })
    void this.#changed()
  }

  #tick(): void {
    const nowMs = this.#options.clock.monotonicMs()
    for (const writer of this.#writers.values()) writer.onTime(nowMs, this.#samplesAt(nowMs))
    if (!this.#stopping) this.#cancelTick = this.#options.clock.after(TICK_MS, () => this.#tick())
  }

  /** Resolves when the manifest on disk says what is true now. */
  #changed(): Promise<void> {
    this.#nextSave ??= this.#saving.then(() => {
      this.#nextSave = null
      const save = this.#save()
      this.#saving = save
      return save
    })
    return this.#nextSave
  }

  async #save(): Promise<void> {
    const manifest = this.manifest
    const path = join(this.#options.folder, TAKE_MANIFEST_NAME)
    const saved = await this.#guard(() => this.#fs.replaceFile(path, `${JSON.stringify(manifest, null, 2)}\n`))
    if (saved) this.#options.events.onChanged(manifest)
  }

  async #guard(act: () => Promise<void>): Promise<boolean> {
    try {
      await act()
      return true
    } catch (error) {
      this.#fail(error)
      return false
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    const reason = isDiskFull(error) ? 'disk-full' : 'recording-failed'
    void this.stop(reason === 'disk-full' ? 'disk-full' : 'failed')
    this.#options.events.onFailed(reason, error instanceof Error ? error.message : String(error))
  }

  stop(endedBy: EndedBy): Promise<TakeManifest> {
    this.#stopping ??= this.#stop(endedBy)
    return this.#stopping
  }

  async #stop(endedBy: EndedBy): Promise<TakeManifest> {
    this.#cancelTick()
    const lengthSamples = this.#samplesAt(this.#options.clock.monotonicMs())
    const atMs = this.#startedAtMs + Math.round(lengthSamples / SAMPLES_PER_MS)
    // Not before the next turn: whoever called is told first, and nothing is handed over twice.
    await Promise.resolve()
    await Promise.all([...this.#writers.values()].map((writer) => writer.close(lengthSamples)))
    this.#ended = { atMs, by: endedBy }
    await this.#changed()
    return this.manifest
  }
}

function pickSpeaker({ participantId, number, name, guest }: RecordedSpeaker): RecordedSpeaker {
  return { participantId, number, name, guest }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}
