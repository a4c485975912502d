import { describe, expect, it } from 'vitest'
import type { StudioTrack, TakeGap } from '../../../sfu-core/contract/take-report.ts'
import type { TapeStanding } from '../../../sfu-core/contract/tape.ts'
import { driftOf, gapGroups, stillToSend, trackFacts, verdictOf } from './report-facts.ts'

const gap = (fromMs: number, toMs: number, rest: Partial<TakeGap> = {}): TakeGap => ({
  fromMs,
  toMs,
  cause: 'stalled',
  filledFrom: 'sfu',
  ...rest,
})

function track(rest: Partial<StudioTrack>): StudioTrack {
  return { participantId: 'ana', gaps: [], tapes: [], expectedMs: 100_000, losslessMs: 100_000, ...rest } as StudioTrack
}

describe('trackFacts', () => {
  it('is whole without gaps', () => {
    expect(trackFacts(track({}))).toEqual({
      outcome: 'whole',
      gapCount: 0,
      gapMs: 0,
      silentMs: 0,
      losslessPercent: 100,
    })
  })

  it('never says 100 % where a gap is', () => {
    const facts = trackFacts(track({ gaps: [gap(0, 1)], losslessMs: 99_999 }))
    expect(facts.losslessPercent).toBe(99.9)
    expect(facts.outcome).toBe('filled')
  })

  it('tells filled, silent, mixed and room-only apart', () => {
    const silent = gap(10, 20, { filledFrom: 'silence' })
    expect(trackFacts(track({ gaps: [gap(0, 5), silent], losslessMs: 99_985 }))).toMatchObject({
      outcome: 'mixed',
      gapMs: 15,
      silentMs: 10,
    })
    expect(trackFacts(track({ gaps: [silent] })).outcome).toBe('silent')
    expect(trackFacts(track({ gaps: [gap(0, 100_000)], losslessMs: 0 })).outcome).toBe('room-only')
    expect(trackFacts(track({ expectedMs: 0, losslessMs: 0 })).outcome).toBe('absent')
  })
})

describe('verdictOf', () => {
  it('counts people, not tracks, and only those who were to be recorded', () => {
    const tracks = [
      track({}),
      track({ source: 'unprocessed' }),
      track({ participantId: 'ben' as StudioTrack['participantId'], expectedMs: 0 }),
    ]
    expect(verdictOf({ tracks })).toEqual({ kind: 'complete', speakerCount: 1 })
  })

  it('is as bad as the worst track', () => {
    const filled = track({ gaps: [gap(0, 500)] })
    const silent = track({ gaps: [gap(0, 700, { filledFrom: 'silence' })] })
    expect(verdictOf({ tracks: [track({}), filled] })).toEqual({ kind: 'filled', gapCount: 1, gapMs: 500 })
    expect(verdictOf({ tracks: [filled, silent] })).toEqual({ kind: 'missing', silentMs: 700, gapCount: 2 })
    expect(verdictOf({ tracks: [] })).toEqual({ kind: 'empty' })
  })
})

describe('driftOf', () => {
  const tape = (driftPpm: number, lengthMs: number) =>
    ({ driftPpm, fromMs: 0, toMs: lengthMs }) as StudioTrack['tapes'][number]

  it('is that of the longest tape, in ms an hour', () => {
    expect(driftOf({ tapes: [tape(-3, 10), tape(100, 1_000)] })).toEqual({ direction: 'fast', msPerHour: 360 })
    expect(driftOf({ tapes: [tape(-50, 10)] })).toEqual({ direction: 'slow', msPerHour: 180 })
  })

  it('keeps quiet about what nobody hears', () => {
    expect(driftOf({ tapes: [tape(1, 10)] })).toBe(null)
    expect(driftOf({ tapes: [] })).toBe(null)
  })
})

it('puts gaps of the same kind together, in order', () => {
  const groups = gapGroups([gap(50, 60, { cause: 'asleep' }), gap(20, 30), gap(0, 10), gap(70, 80)])
  expect(groups.map(({ cause, gaps }) => [cause, gaps.length])).toEqual([
    ['stalled', 2],
    ['asleep', 1],
    ['stalled', 1],
  ])
})

it('tells whose sound has not arrived', () => {
  const standing = (rest: Partial<TapeStanding>) =>
    ({ name: 'Ben', state: 'behind', safeToMs: 10_000, capturedToMs: 140_000, ...rest }) as TapeStanding
  expect(stillToSend([standing({})])).toEqual([{ name: 'Ben', lengthMs: 130_000 }])
  expect(stillToSend([standing({ state: 'ended' }), standing({ safeToMs: 139_900 })])).toEqual([])
})
