import { type ParticipantId, participantIdSchema } from '../contract/ids.ts'
import type { Participant } from '../contract/state.ts'

export function personId(name: string): ParticipantId {
  return participantIdSchema.parse(name)
}

/** Somebody in the audience, connected; `patch` makes them what the test needs. */
export function person(name: string, number: number, patch: Partial<Participant> = {}): Participant {
  return {
    id: personId(name),
    number,
    name,
    guest: false,
    rank: 'member',
    onStage: false,
    muted: false,
    mutedBy: null,
    handRaisedAtMs: null,
    invitedToStage: false,
    recordingConsent: false,
    connected: true,
    ...patch,
  }
}
