import { expect, it } from 'vitest'
import { participantIdSchema } from '../../sfu-core/contract/ids.ts'
import type { TakeEvent } from '../../sfu-core/contract/take.ts'
import { consentsOf } from './consents.ts'

const ana = participantIdSchema.parse('ana')
const ben = participantIdSchema.parse('ben')
const participants = [
  { participantId: ana, number: 1, name: 'Ana', guest: false },
  { participantId: ben, number: 2, name: 'Ben', guest: true },
]

it('the consent ledger has each answer of each person, with its time, in order', () => {
  const timeline: TakeEvent[] = [
    { atMs: 0, type: 'on-stage', participantId: ana },
    { atMs: 5_000, type: 'declined', participantId: ben },
    { atMs: 10, type: 'consented', participantId: ana },
    { atMs: 9_000, type: 'consented', participantId: ben },
    { atMs: 9_500, type: 'muted', participantId: ben },
  ]
  expect(consentsOf({ timeline, participants })).toEqual([
    { participantId: ana, name: 'Ana', guest: false, answer: 'agreed', takeMs: 10 },
    { participantId: ben, name: 'Ben', guest: true, answer: 'declined', takeMs: 5_000 },
    { participantId: ben, name: 'Ben', guest: true, answer: 'agreed', takeMs: 9_000 },
  ])
})
