import { describe, expect, it } from 'vitest'
import { NO_EDITS } from '../../../sfu-core/contract/edits.ts'
import type { ParticipantId } from '../../../sfu-core/contract/ids.ts'
import { type HistoryAction, historyReducer, startHistory, UNDO_STEPS_COUNT } from './history.ts'

const reduce = historyReducer(100_000)
const cut = (fromMs: number): HistoryAction => ({
  type: 'edit',
  edit: { type: 'cut', range: { fromMs, toMs: fromMs + 500 } },
})
const gain = (gainDb: number): HistoryAction => ({
  type: 'edit',
  edit: { type: 'gain', participantId: 'ana' as ParticipantId, gainDb },
})
const run = (...actions: HistoryAction[]) => actions.reduce(reduce, startHistory(NO_EDITS))
const undo = { type: 'undo' } as const
const redo = { type: 'redo' } as const

describe('history', () => {
  it('goes back and forth', () => {
    expect(run(cut(1_000), cut(5_000), undo).present.cuts).toHaveLength(1)
    expect(run(cut(1_000), cut(5_000), undo, undo).present).toBe(NO_EDITS)
    expect(run(cut(1_000), cut(5_000), undo, undo, redo, redo).present.cuts).toHaveLength(2)
  })

  it('forgets what was undone once something else is done', () => {
    expect(run(cut(1_000), undo, cut(5_000)).future).toEqual([])
  })

  it('does nothing at the ends', () => {
    expect(run(undo, redo).present).toBe(NO_EDITS)
  })

  it('undoes a slider’s way as one step, and another way as another', () => {
    expect(run(gain(1), gain(2), gain(3), undo).present).toBe(NO_EDITS)
    expect(run(gain(1), gain(2), { type: 'pause' }, gain(5), undo).present.gainsDb).toEqual({ ana: 2 })
    expect(run(gain(1), undo, redo, gain(2), undo).present.gainsDb).toEqual({ ana: 1 })
  })

  it('counts no step that changes nothing', () => {
    expect(run({ type: 'edit', edit: { type: 'cut', range: { fromMs: 5, toMs: 6 } } }).past).toEqual([])
  })

  it('keeps so many steps and no more', () => {
    const steps = Array.from({ length: UNDO_STEPS_COUNT + 20 }, (_, index) => cut(index * 300 * 2))
    expect(run(...steps.map((step) => step)).past.length).toBeLessThanOrEqual(UNDO_STEPS_COUNT)
  })

  it('begins anew with somebody else’s list', () => {
    const other = { ...NO_EDITS, trimStartMs: 7 }
    expect(run(cut(1_000), { type: 'replace', edits: other })).toEqual(startHistory(other))
  })
})
