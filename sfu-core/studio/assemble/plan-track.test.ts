import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../contract/timeline/simulated-tape.fixture.ts'
import { intersect, joined } from './intervals.ts'
import type { LaidHole, LaidTape } from './lay-tape.ts'
import { planTrack } from './plan-track.ts'

const S = 48_000
const place = { shift: 0, knots: [] }

function tape(pieces: readonly [number, number][], holes: readonly LaidHole[] = []): LaidTape {
  return { pieces: pieces.map(([from, to]) => ({ from: from * S, to: to * S, place })), holes: [...holes] }
}

function hole(from: number, to: number, cause: LaidHole['cause']): LaidHole {
  return { from: from * S, to: to * S, cause }
}

function plan(tapes: readonly LaidTape[], expected: readonly [number, number][], lengthS = 100) {
  const intervals = expected.map(([from, to]) => ({ from: from * S, to: to * S }))
  const { tapes: stretches, holes, ...sums } = planTrack({ tapes, expected: intervals, lengthSamples: lengthS * S })
  return {
    stretches: stretches.map(({ from, to, tape: index }) => [index, from / S, to / S]),
    gaps: holes.flatMap(({ gaps }) => gaps.map(({ from, to, cause }) => [from / S, to / S, cause])),
    holes: holes.map(({ from, to }) => [from / S, to / S]),
    expectedS: sums.expectedSamples / S,
    losslessS: sums.losslessSamples / S,
  }
}

describe('planTrack', () => {
  it('has nothing to tell of a tape from beginning to end', () => {
    expect(plan([tape([[0, 100]])], [[0, 100]])).toEqual({
      stretches: [[0, 0, 100]],
      gaps: [],
      holes: [],
      expectedS: 100,
      losslessS: 100,
    })
  })

  it('tells of stalls, missing and damaged chunks by their causes', () => {
    const holes = [hole(10, 12, 'stalled'), hole(30, 34, 'chunk-missing'), hole(50, 54, 'damaged')]
    const pieces: [number, number][] = [
      [0, 10],
      [12, 30],
      [34, 50],
      [54, 100],
    ]
    const { gaps, losslessS, expectedS } = plan([tape(pieces, holes)], [[0, 100]])
    expect(gaps).toEqual([
      [10, 12, 'stalled'],
      [30, 34, 'chunk-missing'],
      [50, 54, 'damaged'],
    ])
    expect([expectedS, losslessS]).toEqual([100, 90])
  })

  it('tells of a reload between two tapes, and of nothing off stage or muted', () => {
    const tapes = [tape([[0, 20]]), tape([[23, 40]]), tape([[70, 100]])]
    const { gaps, holes } = plan(tapes, [
      [0, 40],
      [70, 100],
    ])
    expect(gaps).toEqual([[20, 23, 'not-captured']])
    expect(holes).toEqual([
      [20, 23],
      [40, 70],
    ])
  })

  it('gives a tape a second to begin and to end, and no more', () => {
    expect(plan([tape([[0.9, 99.2]])], [[0, 100]])).toMatchObject({ gaps: [], losslessS: 98.3, expectedS: 98.3 })
    expect(plan([tape([[1.1, 98.9]])], [[0, 100]]).gaps).toEqual([
      [0, 1.1, 'not-captured'],
      [98.9, 100, 'not-captured'],
    ])
  })

  it('gives no grace to what is known to be lost', () => {
    const lost = tape([[0, 99.5]], [hole(99.5, 100, 'chunk-missing')])
    expect(plan([lost], [[0, 100]]).gaps).toEqual([[99.5, 100, 'chunk-missing']])
  })

  it('takes the earlier tape where two run at once, and the later one where the earlier has a hole', () => {
    const one = tape(
      [
        [0, 30],
        [40, 60],
      ],
      [hole(30, 40, 'chunk-missing')],
    )
    const other = tape([[20, 100]])
    const { stretches, gaps, losslessS } = plan([one, other], [[0, 100]])
    expect(stretches).toEqual([
      [0, 0, 30],
      [1, 30, 40],
      [0, 40, 60],
      [1, 60, 100],
    ])
    expect(gaps).toEqual([])
    expect(losslessS).toBe(100)
  })

  it('knows no tape at all', () => {
    expect(plan([], [[10, 20]])).toMatchObject({ gaps: [[10, 20, 'not-captured']], losslessS: 0, expectedS: 10 })
  })

  it('leaves out what lies before the take and behind it', () => {
    expect(plan([tape([[-5, 120]])], [[0, 100]]).stretches).toEqual([[0, 0, 100]])
  })

  it('covers the whole track once, whatever tapes and times there are (seeded)', () => {
    const random = seededRandom(11)
    const range = (): [number, number] => {
      const from = Math.floor(random() * 110) - 5
      return [from, from + Math.ceil(random() * 30)]
    }
    for (let round = 0; round < 300; round++) {
      const tapes = Array.from({ length: Math.floor(random() * 4) }, () => {
        const causes = Array.from({ length: 3 }, () => hole(...range(), random() < 0.5 ? 'stalled' : 'damaged'))
        return tape(joined(Array.from({ length: 3 }, range).map(([from, to]) => ({ from, to }))).map(pair), causes)
      })
      const expected = intersect(joined(Array.from({ length: 3 }, range).map(([from, to]) => ({ from, to }))), WHOLE)
      const { stretches, holes, gaps, expectedS, losslessS } = plan(tapes, expected.map(pair))
      const all = [
        ...stretches.map(([, from = 0, to = 0]) => pair({ from, to })),
        ...holes.map(([from = 0, to = 0]) => pair({ from, to })),
      ]
      let end = 0
      for (const [from, to] of all.toSorted((a, b) => a[0] - b[0])) {
        expect(from).toBe(end)
        end = to
      }
      expect(end).toBe(100)
      const lost = gaps.reduce((sum, [from, to]) => sum + Number(to) - Number(from), 0)
      expect(losslessS + lost).toBeCloseTo(expectedS, 6)
    }
  })
})

const WHOLE = [{ from: 0, to: 100 }]

function pair({ from, to }: { from: number; to: number }): [number, number] {
  return [from, to]
}
