import { describe, expect, it } from 'vitest'
import type { TapeStanding } from '../../sfu-core/contract/tape.ts'
import { type StripRow, stripNews, stripRows, summaryOf } from './strip-model.ts'

function standing(change: Partial<TapeStanding> = {}): TapeStanding {
  return {
    participantId: 'ana',
    name: 'Ana',
    state: 'safe',
    safeToMs: 40_000,
    capturedToMs: 44_000,
    gapCount: 0,
    gapMs: 0,
    ...change,
  }
}

const rows = (...standings: TapeStanding[]) => stripRows({ standings, onStage: ['ben', 'ana'], selfId: 'ana' })
const ben = (change: Partial<TapeStanding> = {}) => standing({ participantId: 'ben', name: 'Ben', ...change })
const keys = (before: StripRow[], after: StripRow[]) => stripNews(before, after).map(({ key, name }) => [key, name])

describe('rows', () => {
  it('are in the order of the stage, and who left it comes last', () => {
    const found = rows(standing({ participantId: 'chie', name: 'Chie' }), standing(), ben())
    expect(found.map(({ name, isSelf }) => [name, isSelf])).toEqual([
      ['Ben', false],
      ['Ana', true],
      ['Chie', false],
    ])
  })

  it('tell somebody who sends slowly from somebody of whom nothing is heard', () => {
    const slow = ben({ state: 'behind', safeToMs: 40_000, capturedToMs: 80_000 })
    const gone = ben({ state: 'behind', safeToMs: 40_000, capturedToMs: 41_000 })
    expect(rows(slow)[0]).toMatchObject({ state: 'behind', behindMs: 40_000 })
    expect(rows(gone)[0]).toMatchObject({ state: 'silent' })
  })

  it('what has ended is complete', () => {
    expect(rows(standing({ state: 'ended' }))[0]?.state).toBe('complete')
  })
})

describe('the summary', () => {
  it('is about those whom one should look after', () => {
    expect(summaryOf(rows(standing(), ben()))).toEqual({ kind: 'safe' })
    expect(summaryOf(rows(standing(), ben({ state: 'absent' })))).toEqual({ kind: 'look', names: ['Ben'] })
    const gaps = { gapCount: 2, gapMs: 300 }
    expect(summaryOf(rows(standing(gaps), ben(gaps)))).toEqual({ kind: 'gaps', count: 4 })
  })

  it('says when all is here, and while it begins', () => {
    expect(summaryOf(rows(standing({ state: 'ended' }), ben({ state: 'ended' })))).toEqual({ kind: 'complete' })
    expect(summaryOf(rows(standing({ state: 'ended' }), ben()))).toEqual({ kind: 'safe' })
    expect(summaryOf(rows(standing({ state: 'waiting' }), ben()))).toEqual({ kind: 'starting' })
  })
})

describe('news', () => {
  const late = ben({ state: 'behind', capturedToMs: 90_000 })
  const silent = ben({ state: 'behind', capturedToMs: 40_000 })

  it('there is none while it only goes on', () => {
    expect(keys(rows(standing()), rows(standing({ safeToMs: 48_000, capturedToMs: 52_000 })))).toEqual([])
    expect(keys(rows(late), rows({ ...late, capturedToMs: 99_000 }))).toEqual([])
    expect(keys(rows(late), rows(silent))).toEqual([])
  })

  it('tells once that somebody is behind, and that they have caught up', () => {
    expect(keys(rows(ben()), rows(late))).toEqual([['behind', 'Ben']])
    expect(keys(rows(silent), rows(ben()))).toEqual([['caughtUp', 'Ben']])
  })

  it('tells of a gap with its length, and of another one', () => {
    const one = ben({ gapCount: 1, gapMs: 300 })
    expect(stripNews(rows(ben()), rows(one))).toEqual([{ key: 'gap', name: 'Ben', isSelf: false, gapMs: 300 }])
    expect(stripNews(rows(one), rows(ben({ gapCount: 2, gapMs: 1_500 })))).toMatchObject([{ gapMs: 1_200 }])
    // What was missing has come.
    expect(keys(rows(one), rows(ben()))).toEqual([])
  })

  it('tells when nothing comes from a computer', () => {
    expect(keys(rows(ben({ state: 'waiting' })), rows(ben({ state: 'absent' })))).toEqual([['absent', 'Ben']])
  })

  it('tells once that all is here', () => {
    const done = rows(standing({ state: 'ended' }), ben({ state: 'ended' }))
    expect(keys(rows(standing(), ben({ state: 'ended' })), done)).toEqual([['allHere', '']])
    expect(keys(done, done)).toEqual([])
  })

  it('does not call it all where somebody is missing', () => {
    const missing = rows(standing({ state: 'ended' }), ben({ state: 'absent' }))
    expect(keys(rows(standing(), ben({ state: 'absent' })), missing)).toEqual([])
  })
})
