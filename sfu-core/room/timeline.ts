import type { Participant } from '../contract/state.ts'
import type { TakeEvent } from '../contract/take.ts'
import type { RecordedSpeaker } from '../record/take-recorder.ts'
import type { Change } from './ledger.ts'

type Note = TakeEvent['type']

/**
 * What a take's timeline tells of a change: the stage's story (R72). A listener's coming and going is
 * not in it, nor what they agree to; with a thousand listeners it would bury the rest.
 */
export function timelineOf({ before, after }: Change): Note[] {
  const wasOnStage = before?.onStage ?? false
  if (!after) return wasOnStage ? ['off-stage', 'left'] : []
  const notes: Note[] = []
  if (after.onStage && !before) notes.push('joined')
  if (after.onStage !== wasOnStage) notes.push(after.onStage ? 'on-stage' : 'off-stage')
  if (agreesOnStage(before, after)) notes.push('consented')
  if (after.onStage) notes.push(...whileOnStage(before, after))
  return notes
}

/** Who agreed in the audience, with the hand, is told of when they come on stage: anybody can raise a hand. */
function agreesOnStage(before: Participant | null, after: Participant): boolean {
  const had = before?.onStage && before.recordingConsent
  return after.onStage && after.recordingConsent && !had
}

function whileOnStage(before: Participant | null, after: Participant): Note[] {
  const notes: Note[] = []
  if (after.muted !== (before?.muted ?? false)) notes.push(after.muted ? 'muted' : 'unmuted')
  if (before && before.connected !== after.connected) notes.push(after.connected ? 'reconnected' : 'disconnected')
  return notes
}

export function speakerOf(participant: Participant): RecordedSpeaker {
  const { id, number, name, guest } = participant
  return { participantId: id, number, name, guest }
}
