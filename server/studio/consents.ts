import type { TakeManifest } from '../../sfu-core/contract/take.ts'
import type { ConsentEntry } from '../contract/views.ts'

/** Who agreed to be recorded, or did not, in the order in which they said so. A word taken back is an entry of its own. */
export function consentsOf({
  timeline,
  participants,
}: Pick<TakeManifest, 'timeline' | 'participants'>): ConsentEntry[] {
  const people = new Map(participants.map((person) => [person.participantId, person]))
  return timeline
    .flatMap(({ atMs, type, participantId }) => {
      const answer = answerIn(type)
      if (answer === null) return []
      const { name = '', guest = false } = people.get(participantId) ?? {}
      return [{ participantId, name, guest, answer, takeMs: atMs }]
    })
    .toSorted((a, b) => a.takeMs - b.takeMs)
}

function answerIn(type: TakeManifest['timeline'][number]['type']): ConsentEntry['answer'] | null {
  if (type === 'consented') return 'agreed'
  return type === 'declined' ? 'declined' : null
}
