import { expect, it } from 'vitest'
import { busyMsIn } from './cores.ts'

it('counts what is not idle, waiting or stolen, of the core that is asked for', () => {
  const stat = 'cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 1 2 3 1000 1000 4 5 1000 0 0\ncpu10 50 0 0 0 0 0 0 0 0 0\n'
  expect(busyMsIn(stat, 0)).toBe(150)
  expect(busyMsIn(stat, 10)).toBe(500)
  expect(busyMsIn(stat, 1)).toBe(0)
})
