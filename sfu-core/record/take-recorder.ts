import type { ParticipantId } from '../contract/ids.ts'
import type { TakeEvent, TakeManifest } from '../contract/take.ts'
import type { UplinkPacket } from '../transport/transport.ts'

/** Records one take: one Ogg Opus file per speaker on one clock, and take.json. */
export interface TakeRecorder {
  readonly manifest: TakeManifest
  /** Where the take's clock stands: ms since its zero, with fractions, by the clock that packets' arrivals are told on. */
  takeMs(): number
  /** A speaker whose voice may be kept; packets of others are ignored. */
  addSpeaker(speaker: RecordedSpeaker): void
  /** `arrivalMs`: the monotonic clock. Copies the packet; never throws (trouble goes to `onFailed`). */
  onPacket(participantNumber: number, packet: UplinkPacket, arrivalMs: number): void
  /** Adds to the stage timeline. */
  note(type: TakeEvent['type'], participant: RecordedSpeaker): void
  /** Writes the rest, closes the files. Idempotent: later calls get the first one's promise. */
  stop(endedBy: NonNullable<TakeManifest['endedBy']>): Promise<TakeManifest>
}

export interface RecordedSpeaker {
  participantId: ParticipantId
  number: number
  name: string
  guest: boolean
}

export interface TakeRecorderEvents {
  /** The manifest on disk changed (new track, timeline): tell the server. Lengths are brought up to date at each. */
  onChanged(manifest: TakeManifest): void
  /** Cannot go on (disk full, folder gone). What was written stays; `stop` has been begun. */
  onFailed(reason: 'disk-full' | 'recording-failed', detail: string): void
}
