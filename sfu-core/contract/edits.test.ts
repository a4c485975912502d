import { describe, expect, it } from 'vitest'
import { type EditList, editedMs, editListSchema, keptRanges, NO_EDITS } from './edits.ts'

const edits = (changes: Partial<EditList>) => ({ ...NO_EDITS, ...changes })

it('no edits are a valid list', () => expect(editListSchema.parse(NO_EDITS)).toEqual(NO_EDITS))

describe('keptRanges', () => {
  it('is the whole take without edits', () => expect(keptRanges(NO_EDITS, 10)).toEqual([{ fromMs: 0, toMs: 10 }]))

  it('leaves out what is trimmed and cut, whatever the order and overlap of cuts', () => {
    const cuts = [
      { fromMs: 60, toMs: 70 },
      { fromMs: 20, toMs: 40 },
      { fromMs: 30, toMs: 50 },
      { fromMs: 55, toMs: 55 },
    ]
    expect(keptRanges(edits({ trimStartMs: 10, trimEndMs: 90, cuts }), 100)).toEqual([
      { fromMs: 10, toMs: 20 },
      { fromMs: 50, toMs: 60 },
      { fromMs: 70, toMs: 90 },
    ])
  })

  it('is nothing where all is cut, and never reaches past the end', () => {
    expect(keptRanges(edits({ cuts: [{ fromMs: 0, toMs: 500 }] }), 100)).toEqual([])
    expect(keptRanges(edits({ trimEndMs: 500 }), 100)).toEqual([{ fromMs: 0, toMs: 100 }])
    expect(keptRanges(edits({ trimStartMs: 50, trimEndMs: 20 }), 100)).toEqual([])
  })

  it('cuts at the edges of the trim', () => {
    const cuts = [
      { fromMs: 0, toMs: 15 },
      { fromMs: 85, toMs: 200 },
    ]
    expect(keptRanges(edits({ trimStartMs: 10, trimEndMs: 90, cuts }), 100)).toEqual([{ fromMs: 15, toMs: 85 }])
  })
})

it('a moment of the take is found in what is left, and null where it is cut out', () => {
  const kept = [
    { fromMs: 10, toMs: 20 },
    { fromMs: 50, toMs: 60 },
  ]
  expect([5, 10, 15, 30, 55, 70].map((atMs) => editedMs(kept, atMs))).toEqual([null, 0, 5, null, 15, null])
})
