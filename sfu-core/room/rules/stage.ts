import { STAGE_MAX_PEOPLE } from '../../contract/limits.ts'
import type { Participant } from '../../contract/state.ts'
import { change, type Decision, type RoomView, refuse, stageIsFull } from './room-view.ts'

/** SPEC.md R20 to R32. */

/** R29: one place, one set of marks. Whoever changes place leaves hand, invitation and mute behind. */
const NO_MARKS = { muted: false, mutedBy: null, handRaisedAtMs: null, invitedToStage: false } as const
export const ON_STAGE = { ...NO_MARKS, onStage: true } as const
export const IN_AUDIENCE = { ...NO_MARKS, onStage: false } as const

/** R22 to R25: a raised hand comes on stage at once; others are asked first. */
export function bringOnStage(room: RoomView, actor: Participant, target: Participant): Decision {
  if (target.onStage) return refuse('nothing-to-do', 'they are on stage')
  if (stageIsFull(room)) return stageFull()
  const willing = target.handRaisedAtMs !== null || target.id === actor.id
  if (willing && mayBeHeard(room, target)) return change(target, ON_STAGE)
  return change(target, { invitedToStage: true, handRaisedAtMs: null })
}

/** R26, R27 */
export function acceptStage(room: RoomView, actor: Participant, recordingConsent: boolean): Decision {
  if (!actor.invitedToStage) return refuse('nothing-to-do', 'there is no invitation')
  const consent = room.recording !== null && (actor.recordingConsent || recordingConsent)
  if (room.recording !== null && !consent) return refuse('consent-needed', 'the room is recorded')
  if (stageIsFull(room)) return stageFull()
  return change(actor, { ...ON_STAGE, recordingConsent: consent })
}

/** R26 */
export function declineStage(actor: Participant): Decision {
  if (!actor.invitedToStage) return refuse('nothing-to-do', 'there is no invitation')
  return change(actor, { invitedToStage: false })
}

/** R28 */
export function leaveStage(actor: Participant): Decision {
  if (!actor.onStage) return refuse('not-on-stage', 'you are in the audience')
  return change(actor, IN_AUDIENCE)
}

/** R30, R31 */
export function moveToAudience(actor: Participant, target: Participant): Decision {
  if (target.rank === 'host' && actor.id !== target.id) return refuse('not-allowed', 'the host stays on stage')
  if (!target.onStage) return change(target, { invitedToStage: false })
  return change(target, IN_AUDIENCE)
}

function mayBeHeard(room: RoomView, participant: Participant): boolean {
  return room.recording === null || participant.recordingConsent
}

function stageFull() {
  return refuse('stage-full', `${STAGE_MAX_PEOPLE} people are on stage`)
}
