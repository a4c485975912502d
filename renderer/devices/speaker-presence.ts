import type { AudioDevice } from './devices-store.ts'

export interface ChosenSpeaker {
  /** Null: the system's default. */
  speakerId: string | null
  speakers: readonly AudioDevice[]
}

/** `unknown`: the browser names no speakers, for want of permission or because there are none. */
export type SpeakerPresence = 'default' | 'unknown' | 'here' | 'gone'

/** Whether the chosen speaker is there. Pure. */
export function speakerPresence({ speakerId, speakers }: ChosenSpeaker): SpeakerPresence {
  if (speakerId === null) return 'default'
  if (speakers.length === 0) return 'unknown'
  return speakers.some(({ id }) => id === speakerId) ? 'here' : 'gone'
}

/** `choose`: play there. `fall-back`: it is unplugged, play by the default. `restore`: it is back. */
export type SpeakerStep = 'nothing' | 'choose' | 'fall-back' | 'restore'

/** What to do with the sound when the choice or the list of speakers has changed. Pure. */
export function speakerStep(before: ChosenSpeaker, now: ChosenSpeaker): SpeakerStep {
  if (before.speakerId !== now.speakerId) return 'choose'
  const was = speakerPresence(before)
  const is = speakerPresence(now)
  if (was === is) return 'nothing'
  // Names that became known: the sound may play there already, and a detour over the default would be heard.
  if (is === 'here') return was === 'gone' ? 'restore' : 'choose'
  return was === 'here' ? 'fall-back' : 'nothing'
}
