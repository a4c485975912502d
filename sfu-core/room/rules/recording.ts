import type { ParticipantId } from '../../contract/ids.ts'
import type { ReasonCode } from '../../contract/reasons.ts'
import type { Participant, Recording, RoomEvent } from '../../contract/state.ts'
import { change, type Decision, type Outcome, type RoomView, refuse } from './room-view.ts'
import { IN_AUDIENCE } from './stage.ts'

/** SPEC.md R60 to R72. */

/** R60 to R62: everybody is asked anew for each take; who starts it agrees by starting. */
export function startRecording(room: RoomView, actor: Participant, take: Recording): Decision {
  if (room.recording !== null) return refuse('nothing-to-do', 'a recording runs')
  return { events: [...consentOnlyOf(room, actor.id), { type: 'recording', recording: take }] }
}

/** R63 */
export function stopRecording(room: RoomView): Decision {
  if (room.recording === null) return refuse('nothing-to-do', 'no recording runs')
  return recordingEnded(room)
}

/** R63, R69: consent ends with its take. `reason` tells of an end that nobody asked for. */
export function recordingEnded(room: RoomView, reason?: ReasonCode): Outcome {
  const ended: RoomEvent = { type: 'recording', recording: null, ...(reason === undefined ? {} : { reason }) }
  return { events: [...consentOnlyOf(room, null), ended] }
}

/** R70: a take that goes on after a crash keeps everybody's consent. */
export function recordingContinues(take: Recording): Outcome {
  return { events: [{ type: 'recording', recording: take }] }
}

/** R64, R65 */
export function answerRecording(room: RoomView, actor: Participant, agree: boolean): Decision {
  if (room.recording === null) return refuse('nothing-to-do', 'no recording runs')
  if (!actor.onStage) return refuse('not-on-stage', 'only the stage is recorded')
  if (agree) return change(actor, { recordingConsent: true })
  if (actor.rank === 'host') return change(actor, { recordingConsent: false })
  return change(actor, { ...IN_AUDIENCE, recordingConsent: false })
}

function consentOnlyOf(room: RoomView, consenting: ParticipantId | null): RoomEvent[] {
  const events: RoomEvent[] = []
  for (const participant of room.participants.values()) {
    events.push(...change(participant, { recordingConsent: participant.id === consenting }).events)
  }
  return events
}
