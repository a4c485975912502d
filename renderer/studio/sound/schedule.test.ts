import { describe, expect, it } from 'vitest'
import { audibleParts, nextStretch, positionAt } from './schedule.ts'

const range = (fromMs: number, toMs: number) => ({ fromMs, toMs })

describe('nextStretch', () => {
  const kept = [range(1_000, 5_500), range(9_000, 20_000)]

  it('stays within a piece and within what is kept', () => {
    expect(nextStretch(kept, 0, 4_000)).toEqual(range(1_000, 4_000))
    expect(nextStretch(kept, 4_000, 4_000)).toEqual(range(4_000, 5_500))
  })

  it('goes over a cut', () => {
    expect(nextStretch(kept, 5_500, 4_000)).toEqual(range(9_000, 12_000))
    expect(nextStretch(kept, 7_000, 4_000)).toEqual(range(9_000, 12_000))
  })

  it('ends', () => {
    expect(nextStretch(kept, 20_000, 4_000)).toBe(null)
    expect(nextStretch([], 0, 4_000)).toBe(null)
  })

  it('covers all that is kept, once', () => {
    const played: { fromMs: number; toMs: number }[] = []
    for (
      let stretch = nextStretch(kept, 0, 4_000);
      stretch !== null;
      stretch = nextStretch(kept, stretch.toMs, 4_000)
    ) {
      played.push(stretch)
    }
    expect(played.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)).toBe(4_500 + 11_000)
  })
})

describe('audibleParts', () => {
  it('leaves out what is muted, in the middle and at the edges', () => {
    expect(audibleParts(range(0, 100), [range(20, 30), range(90, 200)])).toEqual([range(0, 20), range(30, 90)])
    expect(audibleParts(range(0, 100), [range(0, 100)])).toEqual([])
    expect(audibleParts(range(0, 100), [range(100, 120)])).toEqual([range(0, 100)])
  })
})

describe('positionAt', () => {
  const scheduled = [
    { ...range(0, 4_000), atS: 10 },
    { ...range(9_000, 12_000), atS: 14 },
  ]

  it('follows the sound over a cut', () => {
    expect(positionAt(scheduled, 11)).toBe(1_000)
    expect(positionAt(scheduled, 14.5)).toBe(9_500)
  })

  it('waits at both ends', () => {
    expect(positionAt(scheduled, 9)).toBe(0)
    expect(positionAt(scheduled, 99)).toBe(12_000)
    expect(positionAt([], 1)).toBe(null)
  })
})
