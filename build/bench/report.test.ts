import { expect, it } from 'vitest'
import { percentile } from './report.ts'

it('takes percentiles by nearest rank', () => {
  const values = Array.from({ length: 20 }, (_, i) => 20 - i)
  expect(percentile(values, 0.5)).toBe(10)
  expect(percentile(values, 0.95)).toBe(19)
  expect(percentile([7], 0.95)).toBe(7)
  expect(percentile([], 0.5)).toBeNaN()
})
