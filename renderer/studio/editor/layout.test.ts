import { expect, it } from 'vitest'
import { layoutOf, partAt, RULER_PX } from './layout.ts'

it('tells the parts of the timeline apart', () => {
  const layout = layoutOf(3)
  expect(partAt(layout, RULER_PX - 1)).toEqual({ part: 'ruler' })
  expect(partAt(layout, RULER_PX + 1)).toEqual({ part: 'stage' })
  expect(partAt(layout, layout.lanesTopPx + 1)).toEqual({ part: 'lane', index: 0 })
  expect(partAt(layout, layout.heightPx + 50)).toEqual({ part: 'lane', index: 2 })
})

it('gives sixteen speakers lanes that fit a large screen', () => {
  expect(layoutOf(16).heightPx).toBeLessThan(1_100)
})
