import { describe, expect, it } from 'vitest'
import { type EditList, editListSchema, NO_EDITS } from '../../../sfu-core/contract/edits.ts'
import type { ParticipantId } from '../../../sfu-core/contract/ids.ts'
import { EDIT_LIST_COUNT } from '../../../sfu-core/contract/limits.ts'
import { applyEdit, type Edit } from './edits.ts'

const LENGTH_MS = 100_000
const ana = 'ana' as ParticipantId
const ben = 'ben' as ParticipantId
const range = (fromMs: number, toMs: number) => ({ fromMs, toMs })

function edited(...steps: Edit[]): EditList {
  return steps.reduce((edits, edit) => applyEdit(edits, edit, LENGTH_MS), NO_EDITS)
}

describe('cuts', () => {
  it('keeps them in order and joins what overlaps or touches', () => {
    const { cuts } = edited(
      { type: 'cut', range: range(50_000, 60_000) },
      { type: 'cut', range: range(10_000, 20_000) },
      { type: 'cut', range: range(20_000, 25_000) },
      { type: 'cut', range: range(55_000, 70_000) },
    )
    expect(cuts).toEqual([range(10_000, 25_000), range(50_000, 70_000)])
  })

  it('takes a range drawn backwards, in whole ms, and within the take', () => {
    expect(edited({ type: 'cut', range: range(99_000.4, 12.6) }).cuts).toEqual([range(13, 99_000)])
    expect(edited({ type: 'cut', range: range(90_000, 200_000) }).cuts).toEqual([range(90_000, LENGTH_MS)])
  })

  it('lets a slip of the hand change nothing', () => {
    const edits = edited({ type: 'cut', range: range(1_000, 2_000) })
    expect(applyEdit(edits, { type: 'cut', range: range(5_000, 5_004) }, LENGTH_MS)).toBe(edits)
  })

  it('moves an edge, also over a neighbour, and takes one back', () => {
    const two = [
      { type: 'cut', range: range(10_000, 20_000) },
      { type: 'cut', range: range(30_000, 40_000) },
    ] as const
    expect(edited(...two, { type: 'change-cut', index: 0, range: range(10_000, 15_000) }).cuts[0]).toEqual(
      range(10_000, 15_000),
    )
    expect(edited(...two, { type: 'change-cut', index: 0, range: range(10_000, 35_000) }).cuts).toEqual([
      range(10_000, 40_000),
    ])
    expect(edited(...two, { type: 'uncut', index: 0 }).cuts).toEqual([range(30_000, 40_000)])
  })
})

describe('mutes', () => {
  it('joins those of one speaker only', () => {
    const { mutes } = edited(
      { type: 'mute', participantId: ana, range: range(10_000, 20_000) },
      { type: 'mute', participantId: ben, range: range(5_000, 15_000) },
      { type: 'mute', participantId: ana, range: range(15_000, 30_000) },
    )
    expect(mutes).toEqual([
      { ...range(5_000, 15_000), participantId: ben },
      { ...range(10_000, 30_000), participantId: ana },
    ])
  })

  it('changes one without making it another speaker’s', () => {
    const { mutes } = edited(
      { type: 'mute', participantId: ana, range: range(10_000, 20_000) },
      { type: 'change-mute', index: 0, range: range(12_000, 20_000) },
    )
    expect(mutes).toEqual([{ ...range(12_000, 20_000), participantId: ana }])
  })
})

describe('trims', () => {
  it('forgets a trim at the take’s own beginning or end', () => {
    expect(edited({ type: 'trim-start', atMs: 0 }).trimStartMs).toBe(null)
    expect(edited({ type: 'trim-end', atMs: LENGTH_MS + 5 }).trimEndMs).toBe(null)
    expect(edited({ type: 'trim-start', atMs: 4_000 }, { type: 'trim-start', atMs: null }).trimStartMs).toBe(null)
  })

  it('never lets the beginning pass the end', () => {
    const edits = edited({ type: 'trim-end', atMs: 20_000 }, { type: 'trim-start', atMs: 50_000 })
    expect(edits.trimStartMs).toBeLessThan(20_000)
    expect(edited({ type: 'trim-start', atMs: 20_000 }, { type: 'trim-end', atMs: 1_000 }).trimEndMs).toBeGreaterThan(
      20_000,
    )
  })
})

describe('markers', () => {
  it('keeps them in order, renames, moves and deletes', () => {
    const two = [
      { type: 'add-marker', marker: { atMs: 9_000, text: 'b' } },
      { type: 'add-marker', marker: { atMs: 1_000, text: 'a' } },
    ] as const
    expect(edited(...two).markers.map(({ text }) => text)).toEqual(['a', 'b'])
    expect(edited(...two, { type: 'rename-marker', index: 1, text: 'c' }).markers[1]?.text).toBe('c')
    expect(edited(...two, { type: 'move-marker', index: 0, atMs: 20_000 }).markers.map(({ text }) => text)).toEqual([
      'b',
      'a',
    ])
    expect(edited(...two, { type: 'delete-marker', index: 0 }).markers).toEqual([{ atMs: 9_000, text: 'b' }])
  })
})

describe('speakers and sound', () => {
  it('leaves out and takes back in, once', () => {
    const left = edited({ type: 'leave-out', participantId: ana, leftOut: true })
    expect(left.leftOut).toEqual([ana])
    expect(applyEdit(left, { type: 'leave-out', participantId: ana, leftOut: true }, LENGTH_MS)).toBe(left)
    expect(applyEdit(left, { type: 'leave-out', participantId: ana, leftOut: false }, LENGTH_MS).leftOut).toEqual([])
  })

  it('has no entry for a gain of nothing, and none beyond what the contract takes', () => {
    expect(edited({ type: 'gain', participantId: ana, gainDb: 40 }).gainsDb).toEqual({ ana: 20 })
    expect(
      edited({ type: 'gain', participantId: ana, gainDb: 3 }, { type: 'gain', participantId: ana, gainDb: 0 }).gainsDb,
    ).toEqual({})
  })

  it('changes processing, loudness and clips alone', () => {
    const edits = edited(
      { type: 'processing', change: { levelling: false } },
      { type: 'loudness', loudnessLufs: -19, channels: 1 },
      { type: 'clip', place: 'intro', clip: { assetId: 'a', fadeMs: 3_000 } },
    )
    expect(edits.processing).toEqual({ ...NO_EDITS.processing, levelling: false })
    expect([edits.loudnessLufs, edits.channels]).toEqual([-19, 1])
    expect([edits.intro, edits.outro]).toEqual([{ assetId: 'a', fadeMs: 3_000 }, null])
  })
})

it('makes lists that the server takes, whatever is done', () => {
  const edits = edited(
    { type: 'cut', range: range(-5, 0.4) },
    { type: 'cut', range: range(3.3, 77_777.7) },
    { type: 'mute', participantId: ana, range: range(-1, 500) },
    { type: 'trim-start', atMs: -3 },
    { type: 'trim-end', atMs: 1e9 },
    { type: 'add-marker', marker: { atMs: -1, text: 'x'.repeat(500) } },
    { type: 'uncut', index: 7 },
    { type: 'change-mute', index: 7, range: range(0, 500) },
    { type: 'rename-marker', index: 7, text: '' },
  )
  expect(editListSchema.safeParse(edits).error).toBe(undefined)
})

it('does not grow beyond the contract’s limit', () => {
  const full: EditList = {
    ...NO_EDITS,
    cuts: Array.from({ length: EDIT_LIST_COUNT }, (_, index) => range(index * 40, index * 40 + 20)),
  }
  expect(applyEdit(full, { type: 'cut', range: range(90_000, 91_000) }, LENGTH_MS)).toBe(full)
})
