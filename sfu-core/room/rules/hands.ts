import type { Participant } from '../../contract/state.ts'
import { change, type Decision, type RoomView, refuse } from './room-view.ts'

/** SPEC.md R40 to R44. */

/** R40 to R42. `recordingConsent` counts for the take that runs (R66). */
export function raiseHand(room: RoomView, actor: Participant, hand: { atMs: number; consent: boolean }): Decision {
  if (actor.onStage) return refuse('nothing-to-do', 'you are on stage')
  return change(actor, {
    handRaisedAtMs: actor.handRaisedAtMs ?? hand.atMs,
    recordingConsent: actor.recordingConsent || (room.recording !== null && hand.consent),
  })
}

/** R43, R44 */
export function lowerHand(participant: Participant): Decision {
  return change(participant, { handRaisedAtMs: null })
}
