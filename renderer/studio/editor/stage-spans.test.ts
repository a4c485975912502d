import { expect, it } from 'vitest'
import type { ParticipantId } from '../../../sfu-core/contract/ids.ts'
import type { TakeEvent } from '../../../sfu-core/contract/take.ts'
import { stageSpans } from './stage-spans.ts'

const ana = 'ana' as ParticipantId
const event = (atMs: number, type: TakeEvent['type']): TakeEvent => ({ atMs, type, participantId: ana })
const spans = (...events: TakeEvent[]) => stageSpans(events, 100).get(ana)

it('tells open, muted and away apart, to the take’s end', () => {
  expect(
    spans(
      event(0, 'joined'),
      event(0, 'on-stage'),
      event(20, 'muted'),
      event(30, 'unmuted'),
      event(50, 'disconnected'),
      event(60, 'reconnected'),
    ),
  ).toEqual([
    { fromMs: 0, toMs: 20, state: 'open' },
    { fromMs: 20, toMs: 30, state: 'muted' },
    { fromMs: 30, toMs: 50, state: 'open' },
    { fromMs: 50, toMs: 60, state: 'away' },
    { fromMs: 60, toMs: 100, state: 'open' },
  ])
})

it('ends with the stage, and begins again with it', () => {
  expect(spans(event(10, 'on-stage'), event(20, 'off-stage'), event(40, 'on-stage'), event(50, 'left'))).toEqual([
    { fromMs: 10, toMs: 20, state: 'open' },
    { fromMs: 40, toMs: 50, state: 'open' },
  ])
})

it('has no stretch for who came muted, until they open', () => {
  expect(spans(event(0, 'on-stage'), event(0, 'muted'), event(40, 'unmuted'))).toEqual([
    { fromMs: 0, toMs: 40, state: 'muted' },
    { fromMs: 40, toMs: 100, state: 'open' },
  ])
})

it('does not mind events past the end or out of order', () => {
  expect(spans(event(150, 'muted'), event(5, 'on-stage'))).toEqual([{ fromMs: 5, toMs: 100, state: 'open' }])
})
