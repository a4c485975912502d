import type { Participant } from '../../contract/state.ts'
import { change, type Decision, NOTHING_CHANGES, refuse } from './room-view.ts'

/** SPEC.md R50 to R54. */

/** R50, R51: one's own microphone; also out of a host's mute. */
export function setMuted(actor: Participant, muted: boolean): Decision {
  if (!actor.onStage) return refuse('not-on-stage', 'the audience is not heard')
  return mutedAs(actor, muted ? 'self' : null)
}

/** R52, R53 */
export function mute(actor: Participant, target: Participant): Decision {
  if (!target.onStage) return refuse('not-on-stage', 'they are in the audience')
  return mutedAs(target, actor.id === target.id ? 'self' : 'host')
}

/** Whoever muted first is named: a second mute changes nothing. */
function mutedAs(participant: Participant, mutedBy: Participant['mutedBy']): Decision {
  const muted = mutedBy !== null
  if (participant.muted === muted) return NOTHING_CHANGES
  return change(participant, { muted, mutedBy })
}
