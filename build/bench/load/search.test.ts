import { describe, expect, it } from 'vitest'
import { findMaximum } from './search.ts'

interface Options {
  from?: number
  least?: number
  limit?: number
  steps?: number
}

async function search(capacity: number, options: Options = {}) {
  const tried: number[] = []
  const found = await findMaximum({
    from: 100,
    least: 1,
    limit: Number.POSITIVE_INFINITY,
    precision: 0.05,
    ...options,
    mayGoOn: () => tried.length < (options.steps ?? 100),
    holds: async (count) => {
      tried.push(count)
      return count <= capacity
    },
  })
  return { found, tried }
}

describe('findMaximum', () => {
  it('doubles until it fails, then halves the interval to the wanted precision', async () => {
    for (const capacity of [100, 137, 640, 1_999, 12_345]) {
      const { found } = await search(capacity)
      expect(found).toBeLessThanOrEqual(capacity)
      expect(found * 1.05 + 1).toBeGreaterThanOrEqual(capacity)
    }
  })

  it('tries few counts, and each once', async () => {
    const { tried } = await search(12_345)
    expect(tried.slice(0, 8)).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800])
    expect(tried.length).toBeLessThanOrEqual(13)
    expect(new Set(tried).size).toBe(tried.length)
  })

  it('looks below the first count, and answers 0 where nothing holds', async () => {
    expect((await search(70)).found).toBeGreaterThan(66)
    expect((await search(0)).found).toBe(0)
  })

  it('does not look below the least', async () => {
    const { found, tried } = await search(10, { least: 25 })
    expect(found).toBe(0)
    expect(tried).toEqual([100, 50, 25])
  })

  it('ends with what it knows when time is up', async () => {
    const { found, tried } = await search(1_000, { steps: 5 })
    expect(tried).toEqual([100, 200, 400, 800, 1_600])
    expect(found).toBe(800)
  })

  it('stops at the limit', async () => {
    const { found, tried } = await search(5_000, { limit: 500 })
    expect(found).toBe(500)
    expect(Math.max(...tried)).toBe(500)
  })
})
