import { expect, it } from 'vitest'
import type { StudioTrack } from '../../../sfu-core/contract/take-report.ts'
import { lanesOf } from './lanes.ts'

const track = (participantId: string, source: StudioTrack['source']) => ({ participantId, source }) as StudioTrack

it('has one lane for each speaker, of what the others heard', () => {
  const lanes = lanesOf({
    tracks: [track('a', 'unprocessed'), track('a', 'processed'), track('b', 'unprocessed')],
  })
  expect(lanes.map(({ participantId, source }) => [participantId, source])).toEqual([
    ['a', 'processed'],
    ['b', 'unprocessed'],
  ])
})
