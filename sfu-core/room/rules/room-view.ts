import type { ParticipantId } from '../../contract/ids.ts'
import { STAGE_MAX_PEOPLE } from '../../contract/limits.ts'
import type { AudiencePacketMs } from '../../contract/media.ts'
import { Refusal } from '../../contract/reasons.ts'
import type { Participant, Recording, RoomEvent } from '../../contract/state.ts'

/** What the rules may know of a room. Rules read it and never write. */
export interface RoomView {
  readonly participants: ReadonlyMap<ParticipantId, Participant>
  /** May not come back until the room ends. */
  readonly removed: ReadonlySet<ParticipantId>
  readonly recording: Recording | null
  readonly audiencePacketMs: AudiencePacketMs
  /** The number that the next newcomer gets. */
  readonly nextNumber: number
}

/** What follows from an allowed action. `events` is empty where all is already as asked. */
export interface Outcome {
  readonly events: readonly RoomEvent[]
}

export type Decision = Outcome | Refusal

export const NOTHING_CHANGES: Outcome = { events: [] }

/** The event for a changed participant; no event where the change is none. */
export function change(participant: Participant, patch: Partial<Participant>): Outcome {
  const keys = Object.keys(patch) as (keyof Participant)[]
  if (keys.every((key) => participant[key] === patch[key])) return NOTHING_CHANGES
  return { events: [{ type: 'participant', participant: { ...participant, ...patch } }] }
}

export function stageIsFull(room: RoomView): boolean {
  let onStage = 0
  for (const participant of room.participants.values()) if (participant.onStage) onStage += 1
  return onStage >= STAGE_MAX_PEOPLE
}

export function refuse(...reason: ConstructorParameters<typeof Refusal>): Refusal {
  return new Refusal(...reason)
}
